using Cdc.Cli;
using Cdc.Cli.Output;

return await new CommandLine(Terminal.OfProcess, open: null).RunAsync(args);

using Cdc.Cli;
using Cdc.Cli.Output;
using Cdc.Cli.Running;

return await new CommandLine(Terminal.OfProcess, Installation.OpenAsync).RunAsync(args);

using System.Runtime.InteropServices;
using Cdc.Cli.Configuration;
using Cdc.Cli.Running;
using Microsoft.Extensions.Logging;

using var stopping = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stopping.Cancel();
});
using var loggers = LoggerFactory.Create(builder => builder.AddSimpleConsole());
var options = ConfigurationFile.Load(args[1]);
await using var installation = Installation.Open(options, TimeProvider.System, loggers);
await installation.RunAsync(stopping.Token);
return 0;

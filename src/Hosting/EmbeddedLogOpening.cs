using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Transport;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging;

namespace Cdc.Hosting;

/// <summary>Opens the log in a folder of this machine.</summary>
internal sealed class EmbeddedLogOpening(EmbeddedLogOptions options, LoopHealth health, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>A command at work on the log is done at once, unless the machine has hardly a processor for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Waits a little where another process has the folder: a command that leaves a request has it for a moment. Throws <c>CDC-3002</c>
    /// where it stays taken.
    /// </summary>
    public async Task<OpenedLog> OpenAsync(CancellationToken cancellationToken)
    {
        var log = await OpenJournalAsync(cancellationToken);
        try
        {
            var registry = EmbeddedSchemaRegistry.Open(options.Path);
            foreach (var what in ((string?[])[log.CutOff, registry.CutOff]).OfType<string>())
                Log.CutOff(logger, what);
            return new OpenedLog(log, registry, () => log.SizeBytes, new LogMetrics(log), registry);
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    private async Task<EmbeddedLog> OpenJournalAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return EmbeddedLog.Open(options, clock, health);
            }
            catch (CdcException error) when (error.Code == ErrorCodes.LogLocked && clock.GetElapsedTime(began) < Patience)
            {
                if (isFirst)
                    Log.WaitingForLog(logger, Patience.TotalSeconds, error.Message);
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }
}

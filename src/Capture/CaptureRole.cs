using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Snapshot;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Microsoft.Extensions.Logging;

namespace Cdc.Capture;

/// <summary>
/// Capture of one source for as long as the process lives: a session after another, each from the log's checkpoint on. What passes with
/// time is tried again; anything else ends the role with its code.
/// </summary>
public sealed class CaptureRole(CaptureOptions options, ITopicLog log, ISchemaRegistry registry, TimeProvider clock, ILogger logger)
{
    private readonly GapRepair repair = new(options, log, clock);
    private readonly CaughtUp caughtUp = new(options, log, clock);
    private readonly ReceivePatience receiving = new();
    private volatile TablesHealth? tables;

    public CaptureProgress Progress { get; } = new(clock);

    /// <summary>Told of the role's loops.</summary>
    public LoopHealth Health { get; init; } = new(clock);

    /// <summary>Runs until cancelled; returns in order then, and throws a <see cref="CdcException"/> that does not pass with time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new SlotWatch(options.Postgres, clock, Progress.Note).RunAsync(watching.Token);
        using var loop = Health.Register($"capture of source '{options.Name}'", LoopHealth.UsualPatience);
        Progress.Live(loop);
        try
        {
            await RunSessionsAsync(cancellationToken);
        }
        finally
        {
            await watching.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The tables that a source's checkpoint knows; null where it keeps none of tables that are not read.</summary>
    public static IReadOnlyCollection<TableId>? TablesOf(Checkpoint checkpoint, CaptureOptions options)
    {
        using var reads = new TableReads(checkpoint, ReadLimits.For(options.Snapshot.ChunkBytes), TimeProvider.System);
        return options.Snapshot.Mode == SnapshotMode.Never ? null : [.. reads.Tables.Select(table => table.Table)];
    }

    /// <summary>Where the source's log ends now; waits for a source that does not answer.</summary>
    public Task<SourceEnd> ReadEndAsync(CancellationToken cancellationToken) => caughtUp.ReadEndAsync(cancellationToken);

    /// <summary>
    /// Whether everything the source held before that end is durable in the log: its changes, and the tables that are to be read, save those
    /// that are waited for in vain.
    /// </summary>
    public async Task<bool> HasReachedAsync(SourceEnd end, CancellationToken cancellationToken) =>
        tables is { } known && await caughtUp.IsReachedAsync(end, known, cancellationToken);

    private async Task RunSessionsAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunSessionAsync(backoff, cancellationToken);
                if (options.Snapshot.Mode == SnapshotMode.Only)
                    return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry)
            {
                Log.Retrying(logger, options.Name, error.Code.ToString(), error.Message);
                Progress.Wait(error);
                using var wait = Progress.Await("the source");
                await backoff.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (CdcException error) when (error.Kind == ErrorKind.SourcePositionLost)
            {
                if (!await repair.TryAcknowledgeAsync(cancellationToken))
                    throw;
                Log.GapAcknowledged(logger, options.Name, error.Code.ToString(), error.Message);
                Progress.Wait(error);
            }
        }
    }

    private async Task RunSessionAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        var session = new CaptureSession(options, log, registry, clock, logger, repair, Progress) { Loops = Health, Receiving = receiving };
        await session.RunAsync(tables, backoff.Reset, known => tables = known, cancellationToken);
    }
}

using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
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
    : IAsyncDisposable
{
    private readonly GapRepair repair = new(options, log, clock);
    private readonly SessionPool sessions = new(options.Postgres, options.Snapshot.Parallel, clock);
    private readonly ReceivePatience receiving = new();
    private volatile TablesHealth? tables;

    public CaptureProgress Progress { get; } = new(clock);

    /// <summary>Told of the role's loops.</summary>
    public LoopHealth Health { get; init; } = new(clock);

    /// <summary>Whether tables are read again that were read before, where that is all that is done with them.</summary>
    public ReloadPolicy Reload { get; init; } = ReloadPolicy.Never;

    /// <summary>
    /// Runs until cancelled; returns in order then, and throws a <see cref="CdcException"/> that does not pass with time.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new SlotWatch(sessions, options.Postgres.Slot, clock, Look).RunAsync(watching.Token);
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
            await sessions.DisposeAsync();
        }
    }

    /// <summary>Closes the sessions that <see cref="ReadEndAsync"/> may have opened when nothing runs.</summary>
    public ValueTask DisposeAsync() => sessions.DisposeAsync();

    /// <summary>The tables that a source's checkpoint knows; null where it keeps none of tables that are not read.</summary>
    public static IReadOnlyCollection<TableId>? TablesOf(Checkpoint checkpoint, CaptureOptions options)
    {
        var limits = ReadLimits.For(options.Snapshot.ChunkBytes);
        using var reads = new TableSnapshots(checkpoint, PostgresNotes.Instance, limits, TimeProvider.System);
        return options.Snapshot.Mode == SnapshotMode.Never ? null : [.. reads.Tables.Select(table => table.Table)];
    }

    /// <summary>Where the source's log ends now; waits for a source that does not answer.</summary>
    public Task<SourceEnd> ReadEndAsync(CancellationToken cancellationToken) => CaughtUp.ReadEndAsync(sessions, clock, cancellationToken);

    /// <summary>
    /// Whether everything the source held before that end is durable in the log: its changes, and the tables that are to be read, save
    /// those that are waited for in vain.
    /// </summary>
    public async Task<bool> HasReachedAsync(SourceEnd end, CancellationToken cancellationToken) =>
        Progress.IsDone || (tables is { } known && !Progress.IsLookWaiting
            && await CaughtUp.IsReachedAsync(end, known, log, options.TopicPrefix, cancellationToken));

    private async Task RunSessionsAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        var policy = Reload;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await TryFinishAsync(policy, cancellationToken))
                    return;
                policy = ReloadPolicy.Never;
                await RunSessionAsync(backoff, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (CdcException error)
                when (error.Kind == ErrorKind.SourcePositionLost || error.Code == ErrorCodes.SourcePublicationMissing)
            {
                if (await repair.TryAcknowledgeAsync(cancellationToken))
                    Log.GapAcknowledged(logger, options.Name, error.Code.ToString(), error.Message);
                else if (!Passes(error))
                    throw;
                await WaitAsync(error, backoff, cancellationToken);
            }
            catch (CdcException error) when (Passes(error))
            {
                await WaitAsync(error, backoff, cancellationToken);
            }
        }
    }

    private void Look(SlotLook look)
    {
        if (look.Danger is { } danger && Progress.Slot?.Danger is null)
            Log.LeftOut(logger, options.Name, danger.ToString());
        Progress.Note(look);
    }

    private async Task WaitAsync(CdcException error, Backoff backoff, CancellationToken cancellationToken)
    {
        Log.Retrying(logger, options.Name, error.Code.ToString(), error.Message);
        Progress.Wait(error);
        using var wait = Progress.Await("the source");
        await backoff.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Whether an error is waited out. A source that this process streamed from before had every right and setting: one that was taken away
    /// can come back, and ending would only be answered by a restart.
    /// </summary>
    private bool Passes(CdcException error) => ErrorPolicy.For(error.Kind) == ErrorResponse.Retry
        || (tables is not null && error.Kind is (ErrorKind.SourceAccessDenied or ErrorKind.SourceSettingUnsuitable));

    /// <summary>True where tables are only to be read, and all of them were.</summary>
    private async Task<bool> TryFinishAsync(ReloadPolicy policy, CancellationToken cancellationToken)
    {
        var load = new FullLoad(options, log, clock);
        if (options.Snapshot.Mode != SnapshotMode.Only || !await load.IsDoneAsync(policy, cancellationToken))
            return false;
        if (await load.ReleaseAsync(cancellationToken))
            Log.SlotReleased(logger, options.Name, options.Postgres.Slot);
        else if (!options.Postgres.Create)
            Log.SlotKept(logger, options.Name, options.Postgres.Slot, ReplicationCommands.DropSlotStatement(options.Postgres.Slot));
        Log.Done(logger, options.Name);
        Progress.Finish(new TablesHealth(await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken), clock));
        return true;
    }

    private async Task RunSessionAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        var session = new CaptureSession(options, log, registry, clock, logger, repair, Progress)
        {
            Loops = Health, Sessions = sessions, Receiving = receiving,
        };
        await session.RunAsync(tables, backoff.Reset, known => tables = known, cancellationToken);
    }
}

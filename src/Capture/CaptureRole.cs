using System.Reflection;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Publishing;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Microsoft.Extensions.Logging;

namespace Cdc.Capture;

/// <summary>
/// Capture of one source for as long as the process lives: a session after another, each from the log's checkpoint on. What passes with
/// time is tried again; anything else ends the role with its code.
/// </summary>
public sealed class CaptureRole(CaptureOptions options, ITopicLog log, ISchemaRegistry registry, TimeProvider clock, ILogger logger)
{
    private static readonly string Version = typeof(CaptureRole).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly TableSelection selection = new(options.Tables);

    public CaptureProgress Progress { get; } = new();

    /// <summary>Runs until cancelled; returns in order then, and throws a <see cref="CdcException"/> that does not pass with time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunSessionAsync(backoff, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry)
            {
                Log.Retrying(logger, options.Name, error.Code.ToString(), error.Message);
                Progress.Wait(error);
                await backoff.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Where the source's log ends now; waits for a source that does not answer.</summary>
    public async Task<SourceEnd> ReadEndAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (true)
        {
            try
            {
                return new SourceEnd((await SourceEnds.ReadAsync(options.Postgres, cancellationToken)).Value);
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry)
            {
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Whether everything the source held before that end is durable in the log.</summary>
    public async Task<bool> HasReachedAsync(SourceEnd end, CancellationToken cancellationToken) =>
        SourceEnds.IsReached(await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken), new Lsn(end.Value));

    private async Task RunSessionAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        var postgres = options.Postgres;
        var publication = new PublicationSetup(postgres, selection, what => Log.LeftOut(logger, options.Name, what));
        var opening = new SlotOpening(postgres, options.TopicPrefix, log, clock, what => Log.Waiting(logger, options.Name, what));
        var slot = await opening.OpenAsync(() => publication.RunAsync(cancellationToken), cancellationToken);
        await using var writer = slot.Writer;
        var placer = new TablePlacer(writer, registry, options.TopicPrefix, PartitionsOf);
        var stopped = new StoppedTables(writer.Checkpoint, (table, error) => Log.TableStopped(logger, options.Name, table.ToString(), error.Describe()));
        await using var publisher = new EventPublisher(writer, placer, stopped, options.Append.Bytes, clock);
        await using var source = Source(slot);
        Progress.Begin(placer, stopped);
        backoff.Reset();
        Log.Streaming(logger, options.Name, slot.Confirmed.ToString(), slot.Position.End);
        await new CapturePipeline(source, publisher, Progress).RunAsync(cancellationToken);
    }

    private PostgresChangeSource Source(OpenedSlot slot) => new(
        slot.Connection,
        new StandbyFeedback(slot.Connection, StandbyFeedback.IntervalFor(slot.SenderTimeout), clock),
        new RelationPlans(options.Postgres, selection),
        new TransactionCursor(slot.Position, slot.Confirmed, clock),
        new PostgresSourceBlock(Version, options.TopicPrefix, options.Postgres.Database));

    private int PartitionsOf(string topic)
    {
        foreach (var (pattern, count) in options.Partitions)
        {
            if (new TablePattern(pattern).Matches(topic))
                return count;
        }

        return 1;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Requests;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture;

/// <summary>Starts over where changes of the source are lost, once somebody acknowledged that (Invariant 6).</summary>
internal sealed class GapRepair(CaptureOptions options, ITopicLog log, TimeProvider clock)
{
    /// <summary>
    /// Changes are missing. Where somebody asked that every table be read again, that is noted, and the next session starts over; else
    /// nothing is changed.
    /// </summary>
    public async Task<bool> TryAcknowledgeAsync(CancellationToken cancellationToken)
    {
        var checkpoint = await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken);
        var topic = new ResyncRequests(log, options.TopicPrefix);
        var (requests, next) = await topic.ReadAsync(ResyncRequests.StartOf(checkpoint), cancellationToken);
        if (checkpoint[CheckpointKeys.Gap] is not null
            || (checkpoint[ResyncRequests.AllKey] is null && !requests.Any(request => request.CoversAll)))
            return false;
        await using var writer = await log.OpenWriterAsync(options.TopicPrefix, cancellationToken);
        using var nothing = new RecordBatch(new PartitionTable(), 64);
        await writer.AppendAsync(nothing, _ => [new CheckpointEntry(CheckpointKeys.Gap, next.ToString(CultureInfo.InvariantCulture))],
            cancellationToken);
        return true;
    }

    /// <summary>
    /// What goes with the position behind a gap: all tables are read again, and the requests that asked for it are taken up.
    /// </summary>
    public IReadOnlyList<CheckpointEntry> Entries(Checkpoint checkpoint, ImmutableArray<TableId> published)
    {
        var health = new TablesHealth(checkpoint, clock);
        using var reads = new TableSnapshots(checkpoint, PostgresNotes.Instance, ReadLimits.For(options.Snapshot.ChunkBytes), clock,
            health);
        reads.AddAllAgain(published, isJoining: !options.Postgres.Create);
        var next = long.Parse(checkpoint[CheckpointKeys.Gap]!, NumberStyles.None, CultureInfo.InvariantCulture);
        return
        [
            .. reads.TakeNotes().Entries, .. health.TakeNews(), ResyncRequests.TakenUpTo(next),
            new CheckpointEntry(ResyncRequests.AllKey, null), Lineage.Begin(),
            .. SnapshotBounds.Read(checkpoint).Keys.Select(SnapshotBounds.Removal),
        ];
    }
}

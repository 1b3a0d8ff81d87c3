using System.Collections.Immutable;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Publishing;
using Cdc.Capture.Reading;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;

namespace Cdc.Capture;

/// <summary>
/// Says which topics tables have, and which are to be read when a session begins: those that are published and whose reading the checkpoint
/// does not call complete.
/// </summary>
internal sealed class TableChoice(CaptureOptions options, TimeProvider clock)
{
    private readonly TableSelection selection = TableSelection.OfSource(options.Tables);

    /// <summary>Which topics the tables have; a log from before that was noted is looked through once.</summary>
    public async Task<TableTopics> TopicsOfAsync(
        ITopicLog log, Checkpoint checkpoint, ImmutableArray<TableId> published, TablesHealth health, CancellationToken cancellationToken)
    {
        var topics = new TableTopics(options.TopicPrefix, options.Naming,
            checkpoint) { AreUnread = options.Snapshot.Mode == SnapshotMode.Never };
        var own = await log.DescribeTopicsAsync(
            topic => topic.StartsWith(options.TopicPrefix + ".", StringComparison.Ordinal), cancellationToken);
        var existing = own.Select(topic => topic.Topic).ToHashSet(StringComparer.Ordinal);
        var known = CaptureRole.TablesOf(checkpoint, options) ?? [];
        topics.Adopt(published.Concat(known).Distinct(), existing, table =>
            health.All.GetValueOrDefault(table)?.Trouble?.Error.Code == ErrorCodes.TopicShared ? false : known.Contains(table) ? true
                : null);
        return topics;
    }

    /// <param name="checkpoint">What is known.</param>
    /// <param name="published">The selected tables that are published now.</param>
    /// <param name="slotIsNew">No transaction can have been running that the slot does not see.</param>
    /// <param name="health">Which of them continue.</param>
    /// <param name="topics">Where they go.</param>
    public TableSnapshots Choose(
        Checkpoint checkpoint, ImmutableArray<TableId> published, bool slotIsNew, TablesHealth health, TableTopics topics)
    {
        var snapshots = SnapshotBounds.Read(checkpoint);
        var reads = new TableSnapshots(checkpoint, PostgresNotes.Instance, ReadLimits.For(options.Snapshot.ChunkBytes), clock, health)
        {
            HasTopic = table => topics.IsClaimed(table) || snapshots.ContainsKey(topics.TopicOf(table)),
        };
        var isRead = options.Snapshot.Mode != SnapshotMode.Never;
        foreach (var table in reads.Tables.Where(known => (known.IsUnread && isRead) || !IsKept(known, published))
            .Select(known => known.Table).ToList())
            reads.Forget(table);
        foreach (var table in published)
        {
            var known = reads.Find(table);
            if (!isRead && known is not { Reason: ReadReasons.Gap, State: not TableState.Complete })
                reads.AddUnread(table);
            else if (known is null)
                reads.Add(table, isJoining: !slotIsNew);
            else if (known.State == TableState.Gone)
                reads.Return(known);
        }

        return reads;
    }

    /// <summary>A table that was read and is not published now may be gone, with changes that are still to come, or come back.</summary>
    private bool IsKept(TableSnapshot known, ImmutableArray<TableId> published) => published.Contains(known.Table)
        || (known.State is TableState.Complete or TableState.Gone && selection.Includes(known.Table.ToString()));
}

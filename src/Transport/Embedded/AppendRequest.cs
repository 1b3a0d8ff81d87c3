using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

internal sealed class AppendRequest(
    EmbeddedLogWriter writer, RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint) : JournalRequest<bool>
{
    public override void Stage(JournalStage stage)
    {
        stage.Require(writer);
        var state = stage.State;
        var partitions = PlaceRecords(state);
        var entries = checkpoint(new AppendedOffsets(partitions.ToDictionary(
            partition => partition.Slot, partition => (partition.BaseOffset, partition.NextOffset))));
        if (partitions.Length == 0 && entries.Count == 0)
            return;

        // Invariant 3: records and entries are one group, whole or not there.
        stage.Add(partitions, [], writer.Prefix, entries, batch.Buffer.WrittenMemory);
        foreach (var partition in partitions)
            state.MoveTo(partition.Number, partition.NextOffset);
        foreach (var entry in entries)
            state.Change(writer.Prefix, entry);
    }

    public override void Fail(Exception error)
    {
        writer.Fail(error);
        base.Fail(error);
    }

    protected override bool Result(DurableView view) => true;

    /// <summary>The offsets that the batch's records get: Invariant 2.</summary>
    private GroupPartition[] PlaceRecords(JournalState state)
    {
        var placed = new List<GroupPartition>();
        var records = 0;
        for (var slot = 0; slot < batch.Partitions.Count; slot++)
        {
            var count = batch.CountOf(slot);
            if (count == 0)
                continue;
            var number = writer.NumberOf(slot, batch.Partitions, state.Catalog);
            placed.Add(new GroupPartition(number, slot, count, state.NextOffsets[number]));
            records += count;
        }

        return records == batch.RecordCount
            ? [.. placed]
            : throw new InvalidOperationException($"The batch has {batch.RecordCount} whole records and {records} that were begun.");
    }
}

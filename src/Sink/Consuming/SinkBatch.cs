using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Sink.Batching;
using Cdc.Sink.Ledger;

namespace Cdc.Sink.Consuming;

/// <summary>One step of a batch on one table: rows to merge, or a partition's rows to remove.</summary>
public abstract record BatchStep(SinkTable Table)
{
    /// <summary>What the target's table must fit.</summary>
    public abstract TableSchema Schema { get; }

    public sealed record Rows(SinkTable Table, BatchCompactor Compactor) : BatchStep(Table)
    {
        public override TableSchema Schema => Compactor.Batch.Schema;
    }

    public sealed record Truncate(SinkTable Table, TableSchema Shape, int Partition) : BatchStep(Table)
    {
        public override TableSchema Schema => Shape;
    }
}

/// <summary>How far a partition is after some records.</summary>
/// <param name="Next">The offset after them.</param>
/// <param name="Rows">How many changes they bring.</param>
/// <param name="Last">The last one that has a value: two histories may well have the same tombstone. Null for none.</param>
public readonly record struct PartitionProgress(long Next, long Rows, RecordMark? Last);

/// <summary>
/// What one transaction of the target will apply: steps in order (Invariant 2), and how far each partition is then. A truncate or a new
/// schema closes a table's rows and opens the next step.
/// </summary>
/// <param name="limits">How much it holds, and how long it waits.</param>
/// <param name="clock">Tells the batch's age.</param>
/// <param name="pool">Lends the memory for the rows, until they are cleared.</param>
public sealed class SinkBatch(BatchOptions limits, TimeProvider clock, BatchPool pool)
{
    /// <summary>How often the target has a transaction that only moves the ledger, at most.</summary>
    private static readonly TimeSpan LedgerPause = TimeSpan.FromSeconds(2);

    private readonly List<BatchStep> steps = [];
    private readonly Dictionary<SinkTable, BatchCompactor> open = [];
    private readonly Dictionary<SinkTable, TableSchema> last = [];
    private readonly Dictionary<TopicPartition, PartitionProgress> progress = [];
    private (SinkTable? Table, TableSchema? Schema) recent;
    private long started;
    private bool hasRecords;

    public IReadOnlyList<BatchStep> Steps => steps;

    public IReadOnlyDictionary<TopicPartition, PartitionProgress> Progress => progress;

    /// <summary>Changes gathered.</summary>
    public int Changes { get; private set; }

    /// <summary>Changes that the partitions' progress covers; those of tables that the target refused do not count.</summary>
    public int Records => (int)progress.Values.Sum(partition => partition.Rows);

    /// <summary>The newest change's commit time in microseconds since 1970.</summary>
    public long LastCommit { get; private set; }

    public bool IsEmpty => progress.Count == 0;

    /// <summary>How long it may still wait for more; a ledger that moves without records waits longer.</summary>
    public TimeSpan Left => (hasRecords || limits.Time > LedgerPause ? limits.Time : LedgerPause) - clock.GetElapsedTime(started);

    /// <summary>It takes no more.</summary>
    public bool IsFull => Changes >= limits.Rows || Bytes >= limits.Bytes;

    /// <summary>Its oldest change has waited for others long enough.</summary>
    public bool IsOld => !IsEmpty && Left <= TimeSpan.Zero;

    /// <summary>Memory the rows take, in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// Whether a change of this schema fits into the batch: all of a table's changes in it have the same key columns, for a table has one
    /// key at a time.
    /// </summary>
    public bool Accepts(SinkTable table, TableSchema schema) =>
        (ReferenceEquals(table, recent.Table) && ReferenceEquals(schema, recent.Schema)) || !last.TryGetValue(table, out var before)
            || ReferenceEquals(before, schema)
        || before.Key.Select(i => before.Columns[i].Name)
        .SequenceEqual(schema.Key.Select(i => schema.Columns[i].Name), StringComparer.Ordinal);

    /// <summary>The steps of one topic's table, or all.</summary>
    public IReadOnlyList<BatchStep> StepsOf(string? topic) => topic is null ? steps
        : [.. steps.Where(step => string.Equals(step.Table.Topic, topic, StringComparison.Ordinal))];

    /// <summary>How far the partitions of one topic are, or all.</summary>
    public IEnumerable<KeyValuePair<TopicPartition, PartitionProgress>> ProgressOf(string? topic) =>
        progress.Where(partition => topic is null || string.Equals(partition.Key.Topic, topic, StringComparison.Ordinal));

    public void Add(SinkTable table, TableSchema schema, Operation operation, ReadOnlySpan<byte> key, RowImage image, BatchRow place)
    {
        var compactor = CompactorOf(table, schema);
        var before = compactor.Bytes;
        compactor.Add(operation, key, image, place);
        Bytes += compactor.Bytes - before;
        Changes++;
        recent = (table, schema);
        LastCommit = Math.Max(LastCommit, place.CommittedAt);
    }

    public void Truncate(SinkTable table, TableSchema schema, int partition)
    {
        open.Remove(table);
        last[table] = schema;
        recent = default;
        steps.Add(new BatchStep.Truncate(table, schema, partition));
        Changes++;
    }

    /// <summary>Notes where a partition continues after records.</summary>
    public void MoveTo(TopicPartition partition, PartitionProgress moved)
    {
        Move(partition, moved);
        hasRecords = true;
    }

    /// <summary>Notes where a partition continues behind offsets that hold no record.</summary>
    public void PassTo(TopicPartition partition, long next) => Move(partition, new PartitionProgress(next, Rows: 0, Last: null));

    /// <summary>Takes out what belongs to tables that the target refused: their steps, and the progress of their partitions.</summary>
    public void DropRefused()
    {
        foreach (var table in steps.Select(step => step.Table).Where(table => table.IsRefused).ToHashSet())
        {
            Give(steps.Where(step => step.Table == table));
            steps.RemoveAll(step => step.Table == table);
            open.Remove(table);
            foreach (var partition in progress.Keys.Where(key => string.Equals(key.Topic, table.Topic, StringComparison.Ordinal)).ToList())
                progress.Remove(partition);
        }
    }

    public void Clear()
    {
        Give(steps);
        steps.Clear();
        open.Clear();
        last.Clear();
        recent = default;
        progress.Clear();
        hasRecords = false;
        Bytes = 0;
        Changes = 0;
    }

    private void Move(TopicPartition partition, PartitionProgress moved)
    {
        if (IsEmpty)
            started = clock.GetTimestamp();
        var before = progress.GetValueOrDefault(partition);
        progress[partition] = moved with { Rows = before.Rows + moved.Rows, Last = moved.Last ?? before.Last };
    }

    private BatchCompactor CompactorOf(SinkTable table, TableSchema schema)
    {
        if (open.TryGetValue(table, out var compactor) && ReferenceEquals(compactor.Batch.Schema, schema))
            return compactor;
        if (compactor is not null && compactor.Batch.Schema.Equals(schema))
            return compactor;
        compactor = new BatchCompactor(schema, pool.Take(table.UsualBytes));
        open[table] = compactor;
        last[table] = schema;
        steps.Add(new BatchStep.Rows(table, compactor));
        return compactor;
    }

    private void Give(IEnumerable<BatchStep> done)
    {
        var rows = done.OfType<BatchStep.Rows>().ToList();
        foreach (var step in rows)
            step.Table.UsualBytes = step.Compactor.Bytes;
        pool.Give([.. rows.Select(step => step.Compactor.Storage)]);
    }
}

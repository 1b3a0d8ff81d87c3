using System.Text;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.Batching;
using Cdc.Sink.Ledger;

namespace Cdc.Sink.Consuming;

/// <summary>Why no more records were taken off a block.</summary>
public enum BlockEnd
{
    /// <summary>It has no more.</summary>
    Taken,

    /// <summary>The batch takes no more.</summary>
    BatchFull,
}

/// <summary>
/// Takes records off blocks into the present batch: decodes each by its writer's schemas and gives it to its table. Tombstones say nothing
/// that their delete has not said.
/// </summary>
public sealed class RecordIntake(
    EventDecoders decoders, TargetNaming naming, ValueLimit limit, SinkProgress progress, TopicTroubles troubles)
{
    private readonly Dictionary<string, SinkTable> tables = new(StringComparer.Ordinal);
    private PartitionIntake[] partitions = [];

    private enum Pause
    {
        End,
        Full,
        SchemasMissing,
    }

    /// <summary>The numbers of a record's schemas, which are not here yet.</summary>
    private readonly record struct Missing(string Topic, (int Key, int Value) Ids);

    /// <summary>Says which partitions the blocks are of from now on, and where they start.</summary>
    public void Assign(IEnumerable<TopicOffset> starts) =>
        partitions =
        [
            .. starts.Select(start => new PartitionIntake(start)
            {
                Table = tables.GetValueOrDefault(start.Topic), IsStopped = troubles.Of(start.Topic) is not null,
            }),
        ];

    /// <summary>A topic's table is stopped from now on.</summary>
    public void Stop(string topic, CdcException error)
    {
        foreach (var partition in partitions.Where(partition => string.Equals(partition.Partition.Topic, topic, StringComparison.Ordinal)))
        {
            partition.IsStopped = true;
            partition.Table?.Stop();
        }

        troubles.Stop(topic, error);
    }

    /// <summary>A topic's table continues from where its ledger stands. Called before <see cref="Assign"/>.</summary>
    public void Resume(string topic) => tables.GetValueOrDefault(topic)?.Resume();

    /// <summary>A topic's table starts over: what it holds is replaced by what comes. Called before <see cref="Assign"/>.</summary>
    public void StartOver(string topic) => tables.GetValueOrDefault(topic)?.Forget();

    /// <summary>The target went back to an earlier state: columns that it got since are gone.</summary>
    public void Forget()
    {
        foreach (var table in tables.Values)
            table.Forget();
    }

    /// <summary>
    /// The table of a topic that brought no row, and its newest schema; null where one came, or the log and the registry do not tell.
    /// </summary>
    public async ValueTask<(SinkTable Table, TableSchema Schema)?> MeetAsync(
        string topic, TopicNotes notes, CancellationToken cancellationToken)
    {
        var known = tables.GetValueOrDefault(topic);
        if (known?.IsFitted ?? progress.Tables.ContainsKey(topic))
            return null;
        if (notes.TableOf(topic) is not { } source || await decoders.SchemaOfAsync(topic, cancellationToken) is not { } schema)
            return null;
        return (known ?? Meet(topic, source), schema);
    }

    /// <summary>Takes records of the block, until it ends or the batch takes no more; then the rest is taken by another call.</summary>
    public async ValueTask<BlockEnd> TakeAsync(RecordBlock block, SinkBatch batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (Take(block, batch, out var missing))
            {
                case Pause.End:
                    PassOver(block, batch);
                    return BlockEnd.Taken;
                case Pause.Full:
                    return BlockEnd.BatchFull;
                default:
                    await FetchAsync(missing, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>
    /// Offsets behind the last record that hold none for anybody are passed over: the ledger reaches the partition's end.
    /// </summary>
    private void PassOver(RecordBlock block, SinkBatch batch)
    {
        for (var i = 0; block.IsSparse && i < partitions.Length; i++)
        {
            var partition = partitions[i];
            if (block.NextOffsets[i] <= partition.Next || partition.IsStill)
                continue;
            partition.Next = block.NextOffsets[i];
            batch.PassTo(partition.Partition, partition.Next);
        }
    }

    /// <summary>A schema that the registry does not have stops the topic it is of.</summary>
    private async Task FetchAsync(Missing missing, CancellationToken cancellationToken)
    {
        try
        {
            await decoders.FetchAsync(missing.Ids, cancellationToken);
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            Stop(missing.Topic, error);
        }
    }

    private Pause Take(RecordBlock block, SinkBatch batch, out Missing missing)
    {
        var run = default(Run);
        missing = default;
        while (block.TryRead(out var record, out var number, out var offset))
        {
            var partition = partitions[number];
            if (partition.IsStill)
                continue;
            if (record.HasValue && Take(record, partition, offset, batch, out missing) is { } pause)
            {
                block.StepBack();
                run.End(batch);
                return pause;
            }

            if (partition.IsStill)
                continue;
            run.Add(partition, offset, record, batch);
            if (batch.IsFull)
            {
                run.End(batch);
                return Pause.Full;
            }
        }

        run.End(batch);
        return Pause.End;
    }

    /// <summary>Null where it was taken, or stopped its table because it cannot be read; else what must be done first.</summary>
    private Pause? Take(RecordView record, PartitionIntake partition, long offset, SinkBatch batch, out Missing missing)
    {
        missing = default;
        try
        {
            var isKnown = decoders.TryGet(record, out var decoder, out var ids);
            missing = new Missing(partition.Partition.Topic, ids);
            if (!isKnown)
                return Pause.SchemasMissing;
            if (partition.Table is { } table && !batch.Accepts(table, decoder!.Schema))
                return Pause.Full;
            Take(decoder!, record, partition, offset, batch);
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            Stop(partition.Partition.Topic, error);
        }

        return null;
    }

    private void Take(EventDecoder decoder, RecordView record, PartitionIntake partition, long offset, SinkBatch batch)
    {
        var change = decoder.Decode(WireFormat.ReadBody(record.Value, out _));
        var table = partition.Table ??= TableOf(partition.Partition.Topic, change);
        if (change.Operation == Operation.Truncate)
        {
            batch.Truncate(table, decoder.Schema, partition.Partition.Partition);
            return;
        }

        var place = new BatchRow(default, partition.Partition.Partition, offset, change.CommittedAt, HasUnchanged: false);
        var isLarge = !limit.Allows(record.Value.Length);
        if (!decoder.Schema.HasKey)
        {
            if (isLarge)
            {
                limit.Check(table, decoder.Schema, change.Before);
                limit.Check(table, decoder.Schema, change.After);
            }

            KeylessChange.Add(batch, table, decoder.Schema, change, place);
            return;
        }

        var key = record.HasKey ? WireFormat.ReadBody(record.Key, out _) : default;
        var image = change.Operation != Operation.Delete ? change.After : record.HasKey ? decoder.DecodeKey(key) : change.Before;
        if (isLarge)
            limit.Check(table, decoder.Schema, image);
        batch.Add(table, decoder.Schema, change.Operation, key, image, place);
    }

    private SinkTable TableOf(string topic, ChangeEvent change)
    {
        if (tables.TryGetValue(topic, out var table))
            return table;
        return Meet(topic, new SourceTableName(Text(change.Source), Text(change.Database), Text(change.Schema), Text(change.Table)));
    }

    private SinkTable Meet(string topic, SourceTableName source)
    {
        var table = new SinkTable(topic, new TableId(source.Schema, source.Table), naming.Resolve(source));
        tables.Add(topic, table);
        progress.Met(table);
        return table;
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    /// <summary>Records in a row of one partition, so that a batch's progress moves once a run.</summary>
    private ref struct Run
    {
        private PartitionIntake? partition;
        private long next;
        private long lastOffset;
        private long changes;
        private RecordView last;

        public void Add(PartitionIntake of, long offset, RecordView record, SinkBatch batch)
        {
            if (of != partition)
                End(batch);
            partition = of;
            next = offset + 1;
            if (!record.HasValue)
                return;
            last = record;
            lastOffset = offset;
            changes++;
        }

        public void End(SinkBatch batch)
        {
            if (partition is not null)
            {
                partition.Next = next;
                batch.MoveTo(partition.Partition,
                    new PartitionProgress(next, changes, changes > 0 ? RecordMark.Of(last, lastOffset) : null));
            }

            this = default;
        }
    }
}

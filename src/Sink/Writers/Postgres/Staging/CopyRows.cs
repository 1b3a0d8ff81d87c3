using System.Collections.Immutable;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Sink.Batching;
using Cdc.Sink.Writers.Postgres.Sql;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Writers.Postgres.Staging;

/// <summary>A batch's rows as tuples of a binary COPY into the staging table.</summary>
internal sealed class CopyRows(ImmutableArray<ColumnEncoder> encoders, ImmutableArray<bool> isKey, ImmutableArray<ValuePlace> places)
{
    private const uint TextOid = 25;

    /// <summary>What a binary COPY begins with: its signature, no flags, no further header.</summary>
    public static ReadOnlySpan<byte> Header =>
        [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static ReadOnlySpan<byte> Trailer => [255, 255];

    /// <param name="number">The batch's.</param>
    public void Write(TableBatch batch, int row, int number, BatchShape shape, PooledBuffer target)
    {
        var meta = batch[row];
        var image = batch.Image(row);
        CopyField.AppendInt16(target, (short)(encoders.Length + 4 + System.Numerics.BitOperations.PopCount((uint)shape)));
        CopyField.WriteInt32(target, number);
        CopyField.WriteInt32(target, meta.Partition);
        CopyField.WriteInt64(target, meta.Offset);
        CopyField.WriteInt64(target, meta.CommittedAt - TimeUnits.EpochMicroseconds);
        if (shape != BatchShape.Plain)
            WriteExtras(meta, image, shape, target);
        for (var i = 0; i < encoders.Length; i++)
        {
            if (image.State(i) != ColumnState.Value)
            {
                WriteNoValue(image.State(i), i, target);
                continue;
            }

            var source = new AvroReader(image.Bytes(i));
            encoders[i].Write(ref source, target);
            if (!source.IsAtEnd)
                throw Malformed(i, source.Remaining);
        }
    }

    private void WriteNoValue(ColumnState state, int column, PooledBuffer target)
    {
        if (isKey[column] && state != ColumnState.Null)
            throw places[column].Refuse($"a key whose state is '{state}'");
        CopyField.WriteNull(target);
    }

    private static void WriteExtras(BatchRow meta, RowImage image, BatchShape shape, PooledBuffer target)
    {
        if (shape.HasFlag(BatchShape.Deletes))
        {
            if (meta.Change == RowChange.Delete)
                CopyField.WriteBoolean(target, value: true);
            else
                CopyField.WriteNull(target);
        }

        if (shape.HasFlag(BatchShape.Unchanged))
        {
            if (meta is { Change: RowChange.Upsert, HasUnchanged: true })
                WriteUnchanged(image, target);
            else
                CopyField.WriteNull(target);
        }

        if (shape.HasFlag(BatchShape.Exact))
            WriteExact(image, target);
    }

    private static void WriteUnchanged(RowImage image, PooledBuffer target)
    {
        var start = CopyField.BeginField(target);
        var count = (image.Columns.Length + 7) / 8;
        var bits = target.GetSpan(count)[..count];
        bits.Clear();
        for (var i = 0; i < image.Columns.Length; i++)
        {
            if (image.State(i) == ColumnState.Unchanged)
                bits[i / 8] |= (byte)(1 << (i % 8));
        }

        target.Advance(count);
        CopyField.EndField(target, start);
    }

    private static void WriteExact(RowImage image, PooledBuffer target)
    {
        var start = CopyField.BeginField(target);
        ReadOnlySpan<int> head = [1, 1, unchecked((int)TextOid), image.Columns.Length, 1];
        foreach (var number in head)
            CopyField.AppendInt32(target, number);
        for (var i = 0; i < image.Columns.Length; i++)
        {
            if (image.State(i) == ColumnState.Exact)
            {
                var element = CopyField.BeginField(target);
                target.Write(image.Bytes(i));
                CopyField.EndField(target, element);
            }
            else
            {
                CopyField.WriteNull(target);
            }
        }

        CopyField.EndField(target, start);
    }

    private CdcException Malformed(int column, int left) => new(
        ErrorCodes.AvroMalformed,
        FormattableString.Invariant(
            $"Column '{places[column].Column}' of table '{places[column].Table}' has {left} bytes after its value."));
}

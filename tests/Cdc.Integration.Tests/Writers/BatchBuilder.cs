using System.Text;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Sink.Batching;

namespace Cdc.Integration.Tests.Writers;

/// <summary>
/// Builds batches of readable values: null, <see cref="Unchanged"/>, <see cref="Exact"/>, or what <see cref="AvroValues"/> takes.
/// </summary>
public sealed class BatchBuilder(TableSchema schema, int partition = 0, long offset = 0)
{
    public static readonly object Unchanged = new();

    /// <summary>When the rows of tests were committed: 2024-01-02 03:04:05.678901 UTC, in microseconds since 1970.</summary>
    public const long CommittedAt = 1_704_164_645_678_901;

    private readonly List<(RowChange Change, object?[] Values)> rows = [];

    public sealed record Exact(string Text);

    public BatchBuilder Upsert(params object?[] values) => Add(RowChange.Upsert, values);

    public BatchBuilder Replace(params object?[] values) => Add(RowChange.Replace, values);

    /// <param name="key">The key columns' values, in the schema's order of columns.</param>
    public BatchBuilder Delete(params object?[] key)
    {
        var values = new object?[schema.Columns.Length];
        var next = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (schema.Key.Contains(i))
                values[i] = key[next++];
        }

        return Add(RowChange.Delete, values);
    }

    /// <summary>Removes a row of a table without a key.</summary>
    public BatchBuilder Remove(params object?[] values) => Add(RowChange.Delete, values);

    public TableBatch Build()
    {
        var batch = new TableBatch(schema, new BatchStorage());
        foreach (var (change, values) in rows)
            Add(batch, change, values);
        return batch;
    }

    private BatchBuilder Add(RowChange change, object?[] values)
    {
        Assert.True(values.Length == schema.Columns.Length, "A row lists all columns of the schema.");
        rows.Add((change, values));
        return this;
    }

    private void Add(TableBatch batch, RowChange change, object?[] values)
    {
        using var buffer = new PooledBuffer();
        var slices = new ColumnSlice[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var start = buffer.Length;
            if (values[i] is Exact exact)
                buffer.Write(Encoding.UTF8.GetBytes(exact.Text));
            else if (values[i] is { } value && value != Unchanged)
                AvroValues.Write(new AvroWriter(buffer), schema.Columns[i].Type, value);
            var state = values[i] switch
            {
                null => ColumnState.Null,
                Exact => ColumnState.Exact,
                var other => other == Unchanged ? ColumnState.Unchanged : ColumnState.Value,
            };
            slices[i] = new ColumnSlice(start, buffer.Length - start, state);
        }

        batch.Add(
            new BatchRow(change, partition, offset++, CommittedAt, values.Contains(Unchanged)), new RowImage(buffer.WrittenSpan, slices));
    }
}

using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;

namespace Cdc.Testing.Avro;

/// <summary>A column of an image to write: null, or what writes its value.</summary>
public delegate void WriteValue(AvroWriter writer);

/// <summary>One event, to be written as our envelope with <see cref="TestSource"/>.</summary>
public sealed record TestEvent(Operation Operation)
{
    public const long CommitTime = 1_700_000_000_123_456;

    /// <summary>Values by column; null for a column that is null. Null for no image.</summary>
    public IReadOnlyList<WriteValue?>? Before { get; init; }

    public IReadOnlyList<WriteValue?>? After { get; init; }

    public (string Snapshot, string Reason)? Read { get; init; }

    public IReadOnlyList<string>? Unchanged { get; init; }

    public IReadOnlyList<(string Image, string Column, string Text)>? Exact { get; init; }

    /// <summary>The envelope's Avro, without the wire format's head.</summary>
    public byte[] Encode(string schema = "public", string table = "orders")
    {
        using var buffer = new PooledBuffer();
        var writer = new AvroWriter(buffer);
        WriteImage(writer, Before);
        WriteImage(writer, After);
        TestSource.Write(writer, schema, table, CommitTime);
        writer.WriteUnionIndex(0);
        writer.WriteString(((char)Operation).ToString());
        for (var factor = 1L; factor <= 1_000_000; factor *= 1000)
        {
            writer.WriteUnionIndex(1);
            writer.WriteLong(CommitTime / 1000 * factor);
        }

        WriteExtras(writer);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteImage(AvroWriter writer, IReadOnlyList<WriteValue?>? image)
    {
        writer.WriteUnionIndex(image is null ? 0 : 1);
        foreach (var column in image ?? [])
        {
            writer.WriteUnionIndex(column is null ? 0 : 1);
            column?.Invoke(writer);
        }
    }

    private void WriteExtras(AvroWriter writer)
    {
        writer.WriteUnionIndex(Read is null ? 0 : 1);
        if (Read is { } read)
        {
            writer.WriteString(read.Snapshot);
            writer.WriteString(read.Reason);
        }

        WriteList(writer, Unchanged, name => writer.WriteString(name));
        WriteList(writer, Exact, entry =>
        {
            writer.WriteString(entry.Image);
            writer.WriteString(entry.Column);
            writer.WriteString(entry.Text);
        });
    }

    private static void WriteList<T>(AvroWriter writer, IReadOnlyList<T>? items, Action<T> write)
    {
        writer.WriteUnionIndex(items is null ? 0 : 1);
        if (items is null)
            return;
        if (items.Count > 0)
            writer.WriteBlockCount(items.Count);
        foreach (var item in items)
            write(item);
        writer.WriteBlockCount(0);
    }
}

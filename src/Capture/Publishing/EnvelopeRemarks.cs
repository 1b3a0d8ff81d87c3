using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Publishing;

/// <summary>The three fields at the envelope's end: why a row was read, what was not sent, and what the schema could not carry.</summary>
public sealed class EnvelopeRemarks(TableSchema schema)
{
    private readonly List<int> unchanged = [];
    private readonly List<(string Image, int Column, byte[] Text)> exact = [];

    public void Clear()
    {
        unchanged.Clear();
        exact.Clear();
    }

    public void AddUnchanged(int column) => unchanged.Add(column);

    public void AddExact(string image, int column, ReadOnlySpan<byte> text) => exact.Add((image, column, text.ToArray()));

    public void Write(in SourceChange change, AvroWriter writer)
    {
        WriteRead(change.Reading, writer);
        WriteUnchanged(writer);
        WriteExact(writer);
    }

    private static void WriteRead(SnapshotOrigin? reading, AvroWriter writer)
    {
        writer.WriteUnionIndex(reading is null ? 0 : 1);
        if (reading is null)
            return;
        writer.WriteString(reading.SnapshotId);
        writer.WriteString(reading.Reason);
    }

    private void WriteUnchanged(AvroWriter writer)
    {
        writer.WriteUnionIndex(unchanged.Count == 0 ? 0 : 1);
        if (unchanged.Count == 0)
            return;
        writer.WriteBlockCount(unchanged.Count);
        foreach (var column in unchanged)
            writer.WriteString(schema.Columns[column].Name);
        writer.WriteBlockCount(0);
    }

    private void WriteExact(AvroWriter writer)
    {
        writer.WriteUnionIndex(exact.Count == 0 ? 0 : 1);
        if (exact.Count == 0)
            return;
        writer.WriteBlockCount(exact.Count);
        foreach (var (image, column, text) in exact)
        {
            writer.WriteString(image);
            writer.WriteString(schema.Columns[column].Name);
            writer.WriteBytes(text);
        }

        writer.WriteBlockCount(0);
    }
}

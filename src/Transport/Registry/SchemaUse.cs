using Cdc.Contracts.Avro;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Registry;

/// <summary>Looks through a whole journal for records of a schema. Slow: for when the registry's last line is in doubt.</summary>
internal static class SchemaUse
{
    /// <summary>Whether some record in the folder's journal has a key or value of a schema from this number on.</summary>
    public static bool Find(string folder, int fromId) =>
        Directory.EnumerateFiles(folder, "journal-*.log").Any(path => FindIn(path, fromId));

    private static bool FindIn(string path, int fromId)
    {
        using var reader = new SegmentReader(path);
        var limit = reader.FileLength;
        while (reader.TryReadHeader(limit, out var header))
        {
            using var records = new RentedRecords(header.RecordsLength);
            reader.ReadRecords(header, records.Memory.Span);
            if (FindIn(records.Memory.Span, fromId))
                return true;
            reader.Skip(header);
        }

        return false;
    }

    private static bool FindIn(ReadOnlySpan<byte> records, int fromId)
    {
        while (!records.IsEmpty)
        {
            records = records[RecordLayout.Read(records, out var record)..];
            if (IsFrom(record.Key, fromId) || IsFrom(record.Value, fromId))
                return true;
        }

        return false;
    }

    private static bool IsFrom(ReadOnlySpan<byte> encoded, int fromId)
    {
        if (encoded.Length < WireFormat.HeadLength || encoded[0] != 0)
            return false;
        WireFormat.ReadBody(encoded, out var id);
        return id >= fromId;
    }
}

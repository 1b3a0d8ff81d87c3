using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Sink.Writers;

/// <summary>By what a record that was applied is known again in the log: its offset, and a checksum (CRC-32C) of key and value.</summary>
public readonly record struct RecordMark(long Offset, uint Checksum)
{
    public static RecordMark Of(RecordView record, long offset) =>
        new(offset, Append(Append(record.HasValue ? 1u : 0u, record.Key), record.Value));

    /// <summary>Reads what <see cref="ToString"/> made. Throws <c>CDC-5018</c>.</summary>
    public static RecordMark Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            && long.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            && uint.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)
            ? new RecordMark(offset, checksum)
            : throw new CdcException(ErrorCodes.LedgerUnreadable,
                "Reading the ledger, a row's 'last_record' is not an offset and a checksum.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Offset}:{Checksum:x8}");

    private static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var single in bytes)
            checksum = BitOperations.Crc32C(checksum, single);
        return checksum;
    }
}

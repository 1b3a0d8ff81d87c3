using System.Globalization;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Sink.Ledger;

/// <summary>By what a record that was applied is known again in the log: its offset, and a checksum (CRC-32C) of key and value.</summary>
public readonly record struct RecordMark(long Offset, uint Checksum)
{
    public static RecordMark Of(RecordView record, long offset) =>
        new(offset, Crc32C.Step(Crc32C.Step(record.HasValue ? 1u : 0u, record.Key), record.Value));

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
}

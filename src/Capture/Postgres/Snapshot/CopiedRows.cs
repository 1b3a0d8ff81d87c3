using System.Buffers.Text;
using Cdc.Capture.Postgres.Types;
using Cdc.Capture.Snapshot;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>A chunk's rows as COPY text: the row's place, then its columns.</summary>
internal sealed class CopiedRows(PooledBuffer text, int columns) : ChunkRows
{
    private readonly CopyTextRowReader reader = new(columns + 1);
    private readonly ColumnSlice[] slices = new ColumnSlice[columns];
    private int at;

    /// <summary>The place of the last row, from its first column: <c>(page,row)</c>.</summary>
    public static PagePlace LastPlace(ReadOnlySpan<byte> text)
    {
        var start = text[..^1].LastIndexOf((byte)'\n') + 1;
        var row = text[start..];
        if (row[0] == '(' && Utf8Parser.TryParse(row[1..], out uint page, out var digits) && row[1 + digits] == ','
            && Utf8Parser.TryParse(row[(2 + digits)..], out uint number, out var more) && row[2 + digits + more] == ')')
            return new PagePlace(page, number);
        throw new CdcException(ErrorCodes.SourceCopyInvalid, "Reading a table's rows as COPY text, one does not begin with its place.");
    }

    public override bool TryRead(out ReadOnlySpan<byte> row, out Span<ColumnSlice> columns)
    {
        var rest = text.Slice(at, text.Length - at);
        var length = rest.IsEmpty ? 0 : reader.Read(rest);
        if (length == 0 && !rest.IsEmpty)
            throw new CdcException(ErrorCodes.SourceCopyInvalid, "Reading a table's rows as COPY text, the last one has no end.");
        at += length;
        row = rest[..length];
        columns = slices;
        if (length == 0)
            return false;
        reader.Columns[1..].CopyTo(slices);
        return true;
    }

    public override void Dispose() => text.Dispose();
}

using Cdc.Capture.Postgres.Types;
using Cdc.Capture.Reading;
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

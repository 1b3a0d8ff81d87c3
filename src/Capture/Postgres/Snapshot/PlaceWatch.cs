using System.Buffers.Text;
using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// Follows the rows of a chunk as they come in COPY text, whose first column is their place. A chunk that is cut continues behind its last
/// row, which loses nothing only where every place is above the one before (Invariant 4).
/// </summary>
/// <param name="table">Whose rows.</param>
/// <param name="after">All rows are behind this place; null where their order means nothing.</param>
internal sealed class PlaceWatch(TableId table, PagePlace? after)
{
    private int rowStart;
    private int seen;

    /// <summary>Rows that have come whole.</summary>
    public int Rows { get; private set; }

    /// <summary>The place of the last of them.</summary>
    public PagePlace Last { get; private set; } = after ?? default;

    /// <param name="text">All that has come, from the chunk's begin on.</param>
    public void Take(ReadOnlySpan<byte> text)
    {
        while (text[seen..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            if (after is not null)
                Step(text[rowStart..]);
            rowStart = seen += length + 1;
            Rows++;
        }

        seen = text.Length;
    }

    private void Step(ReadOnlySpan<byte> row)
    {
        var place = PlaceOf(row);
        if (!place.IsBehind(Last))
        {
            throw new CdcException(ErrorCodes.SourceRowsUnordered, string.Create(CultureInfo.InvariantCulture,
                $"Reading rows of table '{table}' by their places, one at page {place.Page}, row {place.Row} arrived after one at " +
                $"page {Last.Page}, row {Last.Row}; a higher place was expected."));
        }

        Last = place;
    }

    /// <summary>From a row's first column: <c>(page,row)</c>.</summary>
    private PagePlace PlaceOf(ReadOnlySpan<byte> row)
    {
        if (row[0] == '(' && Utf8Parser.TryParse(row[1..], out uint page, out var digits) && row[1 + digits] == ','
            && Utf8Parser.TryParse(row[(2 + digits)..], out uint number, out var more) && row[2 + digits + more] == ')')
            return new PagePlace(page, number);
        throw new CdcException(ErrorCodes.SourceCopyInvalid,
            $"Reading rows of table '{table}' as COPY text, one does not begin with its place.");
    }
}

using System.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// Splits the output of <c>COPY … TO STDOUT</c> in text format (PostgreSQL manual, "COPY", File Formats: tab between columns, newline after
/// a row, <c>\N</c> for null, backslash escapes) into column slices. Escapes are resolved in place, so a slice is the same text that a
/// change's column has and the same transcoders serve both.
/// </summary>
/// <param name="columns">How many columns each row has; at least 1.</param>
public sealed class CopyTextRowReader(int columns)
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("\t\n\\"u8);

    private readonly ColumnSlice[] slices = new ColumnSlice[columns];

    /// <summary>The columns of the row read last, relative to the span it was read from; valid until the next row.</summary>
    public ReadOnlySpan<ColumnSlice> Columns => slices;

    /// <summary>
    /// Reads the row at the beginning of <paramref name="source"/>, which it may write to, and answers how many bytes the row takes; 0, and
    /// nothing written, where its newline is not there yet. Throws <c>CDC-2041</c> for a row that is not of this form.
    /// </summary>
    public int Read(Span<byte> source)
    {
        // A newline inside of a value is sent as an escape, so the first one ends the row.
        var end = source.IndexOf((byte)'\n');
        if (end < 0)
            return 0;
        var at = 0;
        for (var column = 0; column < slices.Length; column++)
        {
            slices[column] = ReadColumn(source[..(end + 1)], ref at);
            var isLast = column == slices.Length - 1;
            if (source[at - 1] != (isLast ? (byte)'\n' : (byte)'\t'))
                throw Malformed(FormattableString.Invariant($"a row that has {(isLast ? "more" : "fewer")} than {slices.Length} columns"));
        }

        return end + 1;
    }

    /// <summary>One column, and past the tab or newline after it.</summary>
    private static ColumnSlice ReadColumn(Span<byte> row, ref int at)
    {
        var start = at;
        at += row[at..].IndexOfAny(Special);
        if (row[at] != '\\')
            return new ColumnSlice(start, at++ - start, ColumnState.Value);
        if (at == start && row[at + 1] == 'N' && row[at + 2] is (byte)'\t' or (byte)'\n')
        {
            at += 3;
            return ColumnSlice.Null;
        }

        return new ColumnSlice(start, Unescape(row, ref at) - start, ColumnState.Value);
    }

    /// <summary>Moves the rest of a column down over its escapes; answers where its text ends now.</summary>
    private static int Unescape(Span<byte> row, ref int at)
    {
        var target = at;
        while (row[at] == '\\')
        {
            row[target++] = Plain(row[at + 1]);
            at += 2;
            var length = row[at..].IndexOfAny(Special);
            row.Slice(at, length).CopyTo(row[target..]);
            target += length;
            at += length;
        }

        at++;
        return target;
    }

    private static byte Plain(byte letter) => letter switch
    {
        (byte)'\\' => (byte)'\\',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'v' => (byte)'\v',
        _ => throw Malformed("an escape that the server does not write"),
    };

    private static CdcException Malformed(string found) =>
        new(ErrorCodes.SourceCopyInvalid, $"Reading a table's rows as COPY text, {found} was found.");
}

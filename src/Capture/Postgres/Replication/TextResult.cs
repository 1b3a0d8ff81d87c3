using System.Buffers.Binary;
using System.Text;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>The answer to a command, as text. For small answers: at most <see cref="MaxBytes"/> are taken.</summary>
/// <param name="Columns">Names, in order.</param>
/// <param name="Rows">Values in the columns' order; null is SQL NULL.</param>
public sealed record TextResult(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows)
{
    /// <summary>Bytes of one answer.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>
    /// The value of a column in the only row. Throws <c>CDC-2010</c> where there is another number of rows or no such column.
    /// </summary>
    public string? Single(string column)
    {
        for (var i = 0; Rows.Count == 1 && i < Columns.Count; i++)
        {
            if (string.Equals(Columns[i], column, StringComparison.OrdinalIgnoreCase))
                return Rows[0][i];
        }

        throw Malformed($"'{Rows.Count}' rows of the columns '{string.Join(", ", Columns)}', expected one with '{column}'");
    }

    /// <summary>
    /// As <see cref="Single(string)"/>, parsed; <paramref name="parse"/> answers with null for what it does not understand.
    /// </summary>
    public T Single<T>(string column, Func<string, T?> parse)
        where T : struct =>
        Single(column) is { } text && parse(text) is { } value ? value : throw Malformed($"no value of its form in '{column}'");

    /// <summary>Reads the body of a RowDescription: of each column only the name is looked at.</summary>
    internal static List<string> ReadColumns(ReadOnlySpan<byte> body)
    {
        const int fixedBytes = 18;
        var columns = new List<string>();
        var count = Count(ref body);
        for (var i = 0; i < count; i++)
        {
            var end = body.IndexOf((byte)0);
            if (end < 0 || body.Length < end + 1 + fixedBytes)
                throw Malformed("a description of columns that ends early");
            columns.Add(Encoding.UTF8.GetString(body[..end]));
            body = body[(end + 1 + fixedBytes)..];
        }

        return columns;
    }

    /// <summary>Reads the body of a DataRow.</summary>
    internal static string?[] ReadRow(ReadOnlySpan<byte> body, int columns)
    {
        if (Count(ref body) != columns)
            throw Malformed("a row with another number of columns than described");
        var row = new string?[columns];
        for (var i = 0; i < columns; i++)
        {
            if (body.Length < sizeof(int))
                throw Malformed("a row that ends early");
            var length = BinaryPrimitives.ReadInt32BigEndian(body);
            body = body[sizeof(int)..];
            if (length == -1)
                continue;
            if ((uint)length > (uint)body.Length)
                throw Malformed("a value longer than its row");
            row[i] = Encoding.UTF8.GetString(body[..length]);
            body = body[length..];
        }

        return row;
    }

    private static int Count(ref ReadOnlySpan<byte> body)
    {
        if (body.Length < sizeof(short))
            throw Malformed("a message that ends early");
        var count = BinaryPrimitives.ReadUInt16BigEndian(body);
        body = body[sizeof(short)..];
        return count;
    }

    private static CdcException Malformed(
        string found) => new(ErrorCodes.SourceProtocolViolation, $"Reading the answer to a command found {found}.");
}

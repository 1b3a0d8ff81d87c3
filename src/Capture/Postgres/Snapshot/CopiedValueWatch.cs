using System.Buffers;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// Follows COPY text as it comes, and finds a value that is too large before more of it is held than may be (Invariant 7). A row that is
/// shorter than a value may be is not looked through.
/// </summary>
internal sealed class CopiedValueWatch(ValueLimit limit)
{
    private const int PieceBytes = 1 << 16;

    private static readonly SearchValues<byte> Special = SearchValues.Create("\t\n\\"u8);

    private int rowStart;
    private int seen;
    private int at;
    private int column;
    private int start;
    private int escapes;
    private bool isHalf;

    /// <summary>A large value is found, and its end has not come.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>A value that is too large; null where none has come yet.</summary>
    /// <param name="text">All that has come, from the start on.</param>
    public LargeValue? Take(ReadOnlySpan<byte> text)
    {
        while (text[seen..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            var end = seen + length + 1;
            if (end - rowStart > limit.Bytes && Find(text[..end]) is { } found)
                return found;
            rowStart = seen = end;
            (at, start, column, escapes) = (end, end, 0, 0);
        }

        seen = text.Length;
        return seen - rowStart > limit.Bytes ? Find(text) : null;
    }

    /// <summary>
    /// Reads to the end of the value that was found, without holding it, for its size is to be told; then the rest is not wanted.
    /// </summary>
    public async Task<CdcException> RefuseAsync(
        NpgsqlCopyTextReader copy, TableSchema schema, LargeValue found, CancellationToken cancellationToken)
    {
        var stream = ((StreamReader)(TextReader)copy).BaseStream;
        var piece = new byte[PieceBytes];
        var bytes = found.Bytes;
        while (IsOpen && await stream.ReadAsync(piece, cancellationToken) is var count and > 0)
            bytes += Measure(piece.AsSpan(0, count));
        await copy.CancelAsync();
        return limit.Refuse(schema, found with { Bytes = bytes });
    }

    /// <summary>How many bytes of the open value are in what came.</summary>
    public int Measure(ReadOnlySpan<byte> piece)
    {
        var (bytes, next) = (0, isHalf ? 1 : 0);
        while (next < piece.Length)
        {
            var length = piece[next..].IndexOfAny(Special);
            if (length < 0)
            {
                isHalf = false;
                return bytes + piece.Length - next;
            }

            bytes += length;
            next += length;
            if (piece[next] != '\\')
            {
                IsOpen = false;
                return bytes;
            }

            bytes++; // Both halves are one byte.
            next += 2;
        }

        isHalf = next > piece.Length; // The second one is still to come.
        return bytes;
    }

    /// <summary>Continues through the columns of a long row.</summary>
    private LargeValue? Find(ReadOnlySpan<byte> text)
    {
        while (at < text.Length)
        {
            var length = text[at..].IndexOfAny(Special);
            if (length < 0)
            {
                at = text.Length;
                break;
            }

            at += length;
            if (text[at] == '\\')
            {
                if (at + 1 == text.Length)
                    break;
                (at, escapes) = (at + 2, escapes + 1);
                continue;
            }

            if (at - start - escapes > limit.Bytes)
                return new LargeValue(column - 1, at - start - escapes);
            (at, start, column, escapes) = (at + 1, at + 1, column + 1, 0);
        }

        if (at - start - escapes <= limit.Bytes)
            return null;
        (IsOpen, isHalf) = (true, at < text.Length);
        return new LargeValue(column - 1, at - start - escapes + (isHalf ? 1 : 0));
    }
}

using System.Buffers.Binary;
using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>
/// Finds a value that is too large in the start of a row's message, for a value's length comes before it. What is not understood is left
/// to the decoder, which has the whole message then.
/// </summary>
internal static class LargeValues
{
    /// <summary>Behind the kind and the relation.</summary>
    private const int TuplesAt = 1 + sizeof(uint);

    /// <param name="part">As much of the message as is here.</param>
    /// <param name="length">Of the whole message.</param>
    /// <param name="most">The largest value that is taken.</param>
    public static LargeValue? Find(ReadOnlySpan<byte> part, int length, long most)
    {
        if (part.IsEmpty || (MessageKind)part[0] is not (MessageKind.Insert or MessageKind.Update or MessageKind.Delete))
            return null;
        for (var at = TuplesAt; TryReadCount(part, ref at, out var columns);)
        {
            for (var column = 0; column < columns; column++)
            {
                if (at >= part.Length || part[at] is not ((byte)'t' or (byte)'n' or (byte)'u'))
                    return null;
                if (part[at++] != 't')
                    continue;
                if (part.Length - at < sizeof(int))
                    return null;
                var bytes = BinaryPrimitives.ReadInt32BigEndian(part[at..]);
                at += sizeof(int);
                if (bytes < 0 || bytes > length - at)
                    return null;
                if (bytes > most)
                    return new LargeValue(column, bytes);
                at += bytes;
            }
        }

        return null;
    }

    /// <summary>A tuple begins with a code and its number of columns.</summary>
    private static bool TryReadCount(ReadOnlySpan<byte> part, ref int at, out int columns)
    {
        columns = 0;
        if (part.Length - at < 1 + sizeof(ushort) || part[at] is not ((byte)'N' or (byte)'K' or (byte)'O'))
            return false;
        columns = BinaryPrimitives.ReadUInt16BigEndian(part[(at + 1)..]);
        at += 1 + sizeof(ushort);
        return true;
    }
}

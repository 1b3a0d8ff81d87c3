using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>Reads one message from front to back; every read is checked against what is left (Invariant 4).</summary>
internal ref struct MessageCursor
{
    private readonly ReadOnlySpan<byte> payload;
    private readonly Lsn walStart;
    private int position;

    /// <summary>Begins behind the message's code, which must be <paramref name="kind"/>.</summary>
    public MessageCursor(ReadOnlySpan<byte> payload, Lsn walStart, MessageKind kind)
    {
        this.payload = payload;
        this.walStart = walStart;
        if (ReadByte() != (byte)kind)
            Fail($"another code than that of {kind}");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if ((uint)position >= (uint)payload.Length)
            FailEarly();
        return payload[position++];
    }

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    public Lsn ReadLsn() => new(BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong))));

    /// <summary>Microseconds since 1970 UTC.</summary>
    public long ReadTime()
    {
        if (!ServerTime.TryToUnixMicroseconds(BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long))), out var time))
            Fail("a time beyond what 64 bits hold");
        return time;
    }

    /// <summary>A text that ends with a zero; the zero is not part of it.</summary>
    public ReadOnlySpan<byte> ReadText()
    {
        var length = payload[position..].IndexOf((byte)0);
        if (length < 0)
            Fail("a text without end");
        var text = payload.Slice(position, length);
        if (!Utf8.IsValid(text))
            Fail("a text that is not UTF-8");
        position += length + 1;
        return text;
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadText());

    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)(payload.Length - position))
            FailEarly();
        var taken = payload.Slice(position, count);
        position += count;
        return taken;
    }

    /// <summary>Checks a count of things that each take at least <paramref name="leastBytes"/>, before room is made for them.</summary>
    public readonly int Counted(int count, int leastBytes)
    {
        if (count < 0 || (long)count * leastBytes > payload.Length - position)
            Fail("more elements than the message has bytes for");
        return count;
    }

    /// <summary>
    /// Reads a tuple; the slices lie in <paramref name="slices"/>, which grows when a table is wider than all before, and point into the
    /// whole payload.
    /// </summary>
    public RowImage ReadTuple(scoped ref ColumnSlice[] slices)
    {
        var count = Counted(ReadUInt16(), 1);
        if (slices.Length < count)
            slices = new ColumnSlice[count];
        var bytes = payload;
        var at = position;
        for (var i = 0; i < count; i++)
        {
            if ((uint)at >= (uint)bytes.Length)
                FailEarly();
            switch (bytes[at++])
            {
                case (byte)'t':
                    if (bytes.Length - at < sizeof(int))
                        FailEarly();
                    var length = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
                    at += sizeof(int);
                    if ((uint)length > (uint)(bytes.Length - at))
                        Fail("a value longer than the message");
                    slices[i] = new ColumnSlice(at, length, ColumnState.Value);
                    at += length;
                    break;
                case (byte)'n':
                    slices[i] = ColumnSlice.Null;
                    break;
                case (byte)'u':
                    slices[i] = ColumnSlice.Unchanged;
                    break;
                default:
                    // Among them 'b': we never ask for binary values.
                    Fail($"the column code '0x{bytes[at - 1]:X2}'");
                    break;
            }
        }

        position = at;
        return new RowImage(payload, slices.AsSpan(0, count));
    }

    /// <summary>Bytes behind the end are a part of the message that we do not know.</summary>
    public readonly void End()
    {
        if (position != payload.Length)
            Fail($"'{payload.Length - position}' bytes behind its end");
    }

    [DoesNotReturn]
    public readonly void Fail(string found) => throw PgOutputDecoder.Malformed(payload, walStart, found);

    [DoesNotReturn]
    private readonly void FailEarly() => Fail("its end too early");
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Cdc.Contracts.Buffers;

namespace Cdc.Contracts.Avro;

/// <summary>Avro's binary encoding onto the end of a buffer (Avro specification 1.12, "Binary Encoding").</summary>
public readonly struct AvroWriter(PooledBuffer buffer)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public PooledBuffer Buffer { get; } = buffer;

    public void WriteBoolean(bool value) => Buffer.WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>Zig-zag, 1 to 5 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt(int value) => WriteVariable((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Zig-zag, 1 to 10 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteLong(long value) => WriteVariable((ulong)((value << 1) ^ (value >> 63)));

    public void WriteFloat(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(Buffer.GetSpan(4), value);
        Buffer.Advance(4);
    }

    public void WriteDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(Buffer.GetSpan(8), value);
        Buffer.Advance(8);
    }

    /// <summary>Length and bytes; also for a string that is UTF-8 already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteLong(value.Length);
        Buffer.Write(value);
    }

    /// <summary>Length and UTF-8. A text that UTF-8 cannot hold (half a surrogate pair) throws <see cref="ArgumentException"/>.</summary>
    public void WriteString(string value)
    {
        var count = Utf8.GetByteCount(value);
        WriteLong(count);
        Utf8.GetBytes(value, Buffer.GetSpan(count));
        Buffer.Advance(count);
    }

    /// <summary>Which branch of a union follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUnionIndex(int index)
    {
        const int certainlyOneByte = 64;
        if ((uint)index < certainlyOneByte)
            Buffer.WriteByte((byte)(index << 1));
        else
            WriteInt(index);
    }

    /// <summary>The head of an array or map block of <paramref name="count"/> items; a count of 0 ends the array or map.</summary>
    public void WriteBlockCount(long count) => WriteLong(count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteVariable(ulong value)
    {
        if (value < 0x80)
            Buffer.WriteByte((byte)value);
        else
            WriteLonger(value);
    }

    // Not part of its callers: they write one byte most often, and stay small enough to be inlined themselves.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteLonger(ulong value)
    {
        var span = Buffer.GetSpan(10);
        var i = 0;
        while (value >= 0x80)
        {
            span[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[i++] = (byte)value;
        Buffer.Advance(i);
    }
}

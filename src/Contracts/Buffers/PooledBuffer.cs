using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Cdc.Contracts.Buffers;

/// <summary>
/// A growing run of bytes from <see cref="ByteArrays"/>, written at its end and patched in the middle. Not safe for several threads.
/// Spans of it are valid until the next write. <see cref="Dispose"/> gives the memory back.
/// </summary>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>Up to this length a buffer doubles when it is full; longer ones waste less.</summary>
    private const int SteadyBytes = 4 << 20;

    private byte[] bytes;
    private int length;

    public PooledBuffer(int initialBytes = 4096) => bytes = ByteArrays.Rent(initialBytes);

    /// <summary>Bytes written so far.</summary>
    public int Length => length;

    public int Capacity => bytes.Length;

    public ReadOnlySpan<byte> WrittenSpan => bytes.AsSpan(0, length);

    public ReadOnlyMemory<byte> WrittenMemory => bytes.AsMemory(0, length);

    /// <summary>
    /// Forgets what was written. A buffer that grew beyond <paramref name="keepBytes"/> gives its memory back first (Invariant 7).
    /// </summary>
    public void Clear(int keepBytes = int.MaxValue)
    {
        length = 0;
        if (bytes.Length <= keepBytes)
            return;
        ByteArrays.Return(bytes);
        bytes = ByteArrays.Rent(keepBytes);
    }

    /// <summary>Cuts the end off, back to a length seen before.</summary>
    public void Truncate(int newLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)newLength, (uint)length);
        length = newLength;
    }

    /// <summary>At least <paramref name="sizeHint"/> writable bytes at the end; <see cref="Advance"/> says how many were used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (bytes.Length - length < Math.Max(sizeHint, 1))
            Grow(Math.Max(sizeHint, 1));
        return bytes.AsSpan(length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (bytes.Length - length < Math.Max(sizeHint, 1))
            Grow(Math.Max(sizeHint, 1));
        return bytes.AsMemory(length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count)
    {
        if ((uint)count > (uint)(bytes.Length - length))
            throw new ArgumentOutOfRangeException(nameof(count));
        length += count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ReadOnlySpan<byte> source)
    {
        source.CopyTo(GetSpan(source.Length));
        length += source.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        GetSpan(1)[0] = value;
        length++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(GetSpan(4), value);
        length += 4;
    }

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(GetSpan(8), value);
        length += 8;
    }

    /// <summary>Leaves room for a number that is known later; answers with its place for <see cref="PatchInt32"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReserveInt32()
    {
        var at = length;
        WriteInt32(0);
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PatchInt32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(0, length).Slice(at, 4), value);

    /// <summary>The bytes from <paramref name="start"/> on, writable until the next write.</summary>
    public Span<byte> Slice(int start, int count) => bytes.AsSpan(0, length).Slice(start, count);

    public void Dispose()
    {
        if (bytes.Length == 0)
            return;
        ByteArrays.Return(bytes);
        bytes = [];
        length = 0;
    }

    private void Grow(int sizeHint)
    {
        var needed = (long)length + sizeHint;
        if (needed > Array.MaxLength)
            throw new InvalidOperationException($"A buffer of {needed} bytes is more than one array can hold.");
        var room = bytes.Length <= SteadyBytes ? 2L * bytes.Length : bytes.Length + bytes.Length / 2L;
        var larger = ByteArrays.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, room)));
        bytes.AsSpan(0, length).CopyTo(larger);
        ByteArrays.Return(bytes);
        bytes = larger;
    }
}

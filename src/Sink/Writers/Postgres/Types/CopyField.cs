using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>Fields of a binary COPY that have a fixed size.</summary>
internal static class CopyField
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteNull(PooledBuffer target)
    {
        BinaryPrimitives.WriteInt32BigEndian(target.GetSpan(4), -1);
        target.Advance(4);
    }

    public static void WriteBoolean(PooledBuffer target, bool value)
    {
        var span = target.GetSpan(5);
        BinaryPrimitives.WriteInt32BigEndian(span, 1);
        span[4] = value ? (byte)1 : (byte)0;
        target.Advance(5);
    }

    public static void WriteInt16(PooledBuffer target, short value)
    {
        var span = target.GetSpan(6);
        BinaryPrimitives.WriteInt32BigEndian(span, 2);
        BinaryPrimitives.WriteInt16BigEndian(span[4..], value);
        target.Advance(6);
    }

    public static void WriteInt32(PooledBuffer target, int value)
    {
        var span = target.GetSpan(8);
        BinaryPrimitives.WriteInt32BigEndian(span, 4);
        BinaryPrimitives.WriteInt32BigEndian(span[4..], value);
        target.Advance(8);
    }

    public static void WriteInt64(PooledBuffer target, long value)
    {
        var span = target.GetSpan(12);
        BinaryPrimitives.WriteInt32BigEndian(span, 8);
        BinaryPrimitives.WriteInt64BigEndian(span[4..], value);
        target.Advance(12);
    }

    /// <summary>Leaves room for a field's length; <see cref="EndField"/> fills it in.</summary>
    public static int BeginField(PooledBuffer target)
    {
        target.GetSpan(4);
        target.Advance(4);
        return target.Length;
    }

    public static void EndField(PooledBuffer target, int start) =>
        BinaryPrimitives.WriteInt32BigEndian(target.Slice(start - 4, 4), target.Length - start);

    /// <summary>Bare numbers, inside of a field.</summary>
    public static void AppendInt32(PooledBuffer target, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(target.GetSpan(4), value);
        target.Advance(4);
    }

    public static void AppendInt16(PooledBuffer target, short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(target.GetSpan(2), value);
        target.Advance(2);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>
/// <c>duckdb_string_t</c>, a VARCHAR or BLOB in a vector: up to 12 bytes lie in it, of longer ones the first four bytes and where all of
/// them are.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TextCell
{
    public const int InlineBytes = 12;

    private uint length;
    private uint prefix;
    private byte* place;

    /// <summary>The bytes; valid as long as the slot stays where it is.</summary>
    public ReadOnlySpan<byte> Bytes =>
        length <= InlineBytes ? new ReadOnlySpan<byte>(Unsafe.AsPointer(ref prefix), (int)length)
            : new ReadOnlySpan<byte>(place, (int)length);

    /// <summary>Refers to bytes that stay where they are until DuckDB has taken the chunk; short ones are copied into the slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Refer(byte* bytes, int count)
    {
        length = (uint)count;
        if (count <= InlineBytes)
        {
            prefix = 0;
            place = null;
            Unsafe.CopyBlockUnaligned(Unsafe.AsPointer(ref prefix), bytes, (uint)count);
            return;
        }

        prefix = Unsafe.ReadUnaligned<uint>(bytes);
        place = bytes;
    }
}

using System.Buffers.Binary;
using System.Numerics;

namespace Cdc.Contracts.Buffers;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where it has one.</summary>
public static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of what <paramref name="crc"/> stands for, followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes) => ~Step(~crc, bytes);

    /// <summary>The register of the code after more bytes, as it is: not turned over before or after.</summary>
    public static uint Step(uint register, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var single in bytes)
            register = BitOperations.Crc32C(register, single);
        return register;
    }
}

using System.Buffers.Binary;

namespace Cdc.Contracts.Topics;

/// <summary>
/// Which partition a key belongs to: murmur2 (as Kafka's Java client, seed 0x9747b28c) over, for each key column in key order, its length
/// (int32, big-endian) and its canonical text in UTF-8. Not over the encoded key, which holds a schema number that may change.
/// </summary>
public static class Partitioning
{
    public static int PartitionOf(ReadOnlySpan<byte> keyColumns, int partitions) =>
        partitions == 1 ? 0 : (int)((Murmur2(keyColumns) & 0x7fffffff) % (uint)partitions);

    public static uint Murmur2(ReadOnlySpan<byte> data)
    {
        const uint Multiplier = 0x5bd1e995;
        var hash = 0x9747b28c ^ (uint)data.Length;
        var rest = data;
        while (rest.Length >= 4)
        {
            var block = BinaryPrimitives.ReadUInt32LittleEndian(rest) * Multiplier;
            hash = (hash * Multiplier) ^ ((block ^ (block >> 24)) * Multiplier);
            rest = rest[4..];
        }

        if (rest.Length > 0)
        {
            for (var i = rest.Length - 1; i >= 0; i--)
                hash ^= (uint)rest[i] << (8 * i);
            hash *= Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}

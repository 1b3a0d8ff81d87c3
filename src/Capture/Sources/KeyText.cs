using System.Buffers.Binary;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Sources;

/// <summary>
/// The text by which a row is known wherever rows are told apart (partitions, changed keys, keys to be read again): for each key column, in
/// the key's order, its length (int32, big-endian) and its canonical text in UTF-8.
/// </summary>
public static class KeyText
{
    /// <summary>Replaces what is in <paramref name="target"/> by the row's key.</summary>
    public static void Write(TableSchema schema, RowImage row, PooledBuffer target)
    {
        target.Clear();
        foreach (var column in schema.Key)
        {
            var text = row.Bytes(column);
            BinaryPrimitives.WriteInt32BigEndian(target.GetSpan(sizeof(int)), text.Length);
            target.Advance(sizeof(int));
            target.Write(text);
        }
    }

    /// <summary>Takes the first column off a key; false at its end.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> key, out ReadOnlySpan<byte> column)
    {
        column = default;
        if (key.IsEmpty)
            return false;
        column = key.Slice(sizeof(int), BinaryPrimitives.ReadInt32BigEndian(key));
        key = key[(sizeof(int) + column.Length)..];
        return true;
    }
}

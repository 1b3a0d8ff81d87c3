using System.Buffers.Binary;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Avro;

/// <summary>Confluent's wire format: a byte 0, the schema's number as a big-endian 32-bit integer, then the Avro body.</summary>
public static class WireFormat
{
    public const int HeadLength = 5;

    /// <summary>Writes what stands before the body.</summary>
    public static void WriteHead(PooledBuffer buffer, int schemaId)
    {
        var head = buffer.GetSpan(HeadLength);
        head[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], schemaId);
        buffer.Advance(HeadLength);
    }

    /// <summary>Takes a key or value apart; answers with its body. <c>CDC-4003</c> where it is not in this format.</summary>
    public static ReadOnlySpan<byte> ReadBody(ReadOnlySpan<byte> record, out int schemaId)
    {
        if (record.Length < HeadLength || record[0] != 0)
            throw Unknown(record);
        schemaId = BinaryPrimitives.ReadInt32BigEndian(record[1..]);
        return record[HeadLength..];
    }

    private static CdcException Unknown(ReadOnlySpan<byte> record) => new(
        ErrorCodes.WireFormatUnknown,
        record.Length < HeadLength
            ? $"Reading a record of {record.Length} bytes, {HeadLength} are the least that hold a schema's number."
            : $"Reading a record of {record.Length} bytes, it begins with byte {record[0]} where 0 is expected.");
}

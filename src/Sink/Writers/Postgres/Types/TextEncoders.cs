using System.Buffers.Binary;
using System.Buffers.Text;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Writers.Postgres.Types;

internal sealed class BytesEncoder : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target) => WriteField(target, source.ReadBytes());
}

/// <summary>Text, and types that take their text in binary too (<c>json</c>, <c>xml</c>). PostgreSQL's text has no zero byte.</summary>
internal sealed class TextEncoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var text = source.ReadBytes();
        if (text.Contains((byte)0))
            throw place.Refuse("text with a zero byte");
        WriteField(target, text);
    }
}

/// <summary><c>jsonb</c>: a version, 1, before the text.</summary>
internal sealed class JsonbEncoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var text = source.ReadBytes();
        if (text.Contains((byte)0))
            throw place.Refuse("text with a zero byte");
        var start = CopyField.BeginField(target);
        target.WriteByte(1);
        target.Write(text);
        CopyField.EndField(target, start);
    }
}

/// <summary><c>uuid</c>: 16 bytes, of 32 hexadecimal digits and 4 hyphens.</summary>
internal sealed class UuidEncoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var text = source.ReadBytes();
        if (!Utf8Parser.TryParse(text, out Guid value, out var consumed, 'D') || consumed != text.Length)
            throw place.Refuse("text that is not a UUID");
        var span = target.GetSpan(20);
        BinaryPrimitives.WriteInt32BigEndian(span, 16);
        value.TryWriteBytes(span[4..], bigEndian: true, out _);
        target.Advance(20);
    }
}

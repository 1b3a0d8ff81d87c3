using System.Buffers.Binary;
using System.Text;

namespace Cdc.Capture.Tests.Postgres;

/// <summary>Builds what a server sends: numbers big-endian, texts ended by a zero.</summary>
internal sealed class WireBytes
{
    private readonly List<byte> bytes = [];

    public static WireBytes Of(char code) => new WireBytes().Byte(code);

    public WireBytes Byte(int value)
    {
        bytes.Add((byte)value);
        return this;
    }

    public WireBytes Int16(int value) => Add(2, target => BinaryPrimitives.WriteInt16BigEndian(target, (short)value));

    public WireBytes Int32(long value) => Add(4, target => BinaryPrimitives.WriteInt32BigEndian(target, (int)value));

    public WireBytes Int64(long value) => Add(8, target => BinaryPrimitives.WriteInt64BigEndian(target, value));

    public WireBytes Text(string text) => Raw([.. Encoding.UTF8.GetBytes(text), 0]);

    public WireBytes Raw(ReadOnlySpan<byte> raw)
    {
        bytes.AddRange(raw);
        return this;
    }

    /// <summary>A tuple: null is SQL NULL, <c>"\0u"</c> an unchanged column.</summary>
    public WireBytes Tuple(params string?[] values)
    {
        Int16(values.Length);
        foreach (var value in values)
        {
            if (value is null or "\0u")
                Byte(value is null ? 'n' : 'u');
            else
                Byte('t').Int32(Encoding.UTF8.GetByteCount(value)).Raw(Encoding.UTF8.GetBytes(value));
        }

        return this;
    }

    /// <summary>What was built as the body of a message of that type.</summary>
    public byte[] AsMessage(char type) => WireBytes.Of(type).Int32(4 + bytes.Count).Raw(bytes.ToArray()).ToArray();

    public byte[] ToArray() => [.. bytes];

    private WireBytes Add(int count, Action<byte[]> write)
    {
        var added = new byte[count];
        write(added);
        return Raw(added);
    }
}

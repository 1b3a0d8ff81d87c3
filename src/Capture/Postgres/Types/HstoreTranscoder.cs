using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// <c>hstore</c>: <c>"a"=>"1", "b"=>NULL</c> becomes the JSON text <c>{"a":"1","b":null}</c>, in the server's order and without spaces.
/// </summary>
internal sealed class HstoreTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        var start = writer.Buffer.Length;
        if (!TryWriteJson(source, writer.Buffer))
        {
            writer.Buffer.Truncate(start);
            throw SourceText.Malformed(type, source.Length);
        }

        InsertLength(start, writer);
        return true;
    }

    public override bool TryWritePlaceholder(AvroWriter writer) => TextTranscoder.Instance.TryWritePlaceholder(writer);

    private static bool TryWriteJson(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        target.WriteByte((byte)'{');
        while (!source.IsEmpty)
        {
            if (!TryWriteString(ref source, target) || !TrySkip(ref source, "=>"u8))
                return false;
            target.WriteByte((byte)':');
            if (TrySkip(ref source, "NULL"u8))
                target.Write("null"u8);
            else if (!TryWriteString(ref source, target))
                return false;
            if (source.IsEmpty)
                break;
            if (!TrySkip(ref source, ", "u8) || source.IsEmpty)
                return false;
            target.WriteByte((byte)',');
        }

        target.WriteByte((byte)'}');
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> source, ReadOnlySpan<byte> expected)
    {
        if (!source.StartsWith(expected))
            return false;
        source = source[expected.Length..];
        return true;
    }

    /// <summary>A quoted string, in which a backslash stands before a quote and a backslash.</summary>
    private static bool TryWriteString(ref ReadOnlySpan<byte> source, PooledBuffer target)
    {
        if (!TrySkip(ref source, "\""u8))
            return false;
        target.WriteByte((byte)'"');
        while (true)
        {
            var special = source.IndexOfAny((byte)'"', (byte)'\\');
            if (special < 0)
                return false;
            WriteEscaped(source[..special], target);
            var isEnd = source[special] == '"';
            source = source[(special + 1)..];
            if (isEnd)
                break;
            if (source.IsEmpty || source[0] is not ((byte)'"' or (byte)'\\'))
                return false;
            target.WriteByte((byte)'\\');
            target.WriteByte(source[0]);
            source = source[1..];
        }

        target.WriteByte((byte)'"');
        return true;
    }

    private static void WriteEscaped(ReadOnlySpan<byte> text, PooledBuffer target)
    {
        while (true)
        {
            var control = text.IndexOfAnyInRange((byte)0, (byte)0x1f);
            if (control < 0)
            {
                target.Write(text);
                return;
            }

            target.Write(text[..control]);
            WriteControl(text[control], target);
            text = text[(control + 1)..];
        }
    }

    private static void WriteControl(byte control, PooledBuffer target)
    {
        var letter = control switch
        {
            (byte)'\b' => (byte)'b',
            (byte)'\t' => (byte)'t',
            (byte)'\n' => (byte)'n',
            (byte)'\f' => (byte)'f',
            (byte)'\r' => (byte)'r',
            _ => (byte)0,
        };
        target.WriteByte((byte)'\\');
        if (letter != 0)
        {
            target.WriteByte(letter);
            return;
        }

        target.Write("u00"u8);
        target.WriteByte("0123456789abcdef"u8[control >> 4]);
        target.WriteByte("0123456789abcdef"u8[control & 15]);
    }

    /// <summary>Avro wants the length in front, and it is known only now: the text moves up by the bytes that the length takes.</summary>
    private static void InsertLength(int start, AvroWriter writer)
    {
        var buffer = writer.Buffer;
        var count = buffer.Length - start;
        writer.WriteLong(count);
        var size = buffer.Length - start - count;
        Span<byte> prefix = stackalloc byte[10];
        buffer.Slice(start + count, size).CopyTo(prefix);
        buffer.Slice(start, count).CopyTo(buffer.Slice(start + size, count));
        prefix[..size].CopyTo(buffer.Slice(start, size));
    }
}

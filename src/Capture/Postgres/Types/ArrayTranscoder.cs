using System.Buffers;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// <c>{1,NULL,"a b"}</c> as an Avro array of optional elements. More than one dimension, or a lower bound other than 1 (<c>[0:1]={…}</c>),
/// it cannot carry, nor an element that its own type cannot.
/// </summary>
internal sealed class ArrayTranscoder(string type, ColumnTranscoder element, byte delimiter) : ColumnTranscoder
{
    private const int StackBytes = 512;

    private static readonly SearchValues<byte> BoundsBytes = SearchValues.Create("0123456789-:[]"u8);

    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (source.Length > 0 && source[0] == '[')
            return IsWithBounds(source) ? false : throw SourceText.Malformed(type, source.Length);
        if (source.Length < 2 || source[0] != '{' || source[^1] != '}')
            throw SourceText.Malformed(type, source.Length);
        if (source[1] == '{')
            return false;
        var start = writer.Buffer.Length;
        try
        {
            if (TryWriteElements(source[1..^1], writer))
                return true;
        }
        catch
        {
            writer.Buffer.Truncate(start);
            throw;
        }

        writer.Buffer.Truncate(start);
        return false;
    }

    /// <summary>
    /// Debezium's: one element where elements are text, the placeholder's bytes as numbers where they are integers or dates.
    /// </summary>
    public override bool TryWritePlaceholder(AvroWriter writer)
    {
        switch (element)
        {
            case TextTranscoder:
                writer.WriteBlockCount(1);
                writer.WriteUnionIndex(1);
                element.TryWritePlaceholder(writer);
                break;
            case IntegerTranscoder or DateTranscoder:
                writer.WriteBlockCount(SourceText.Placeholder.Length);
                foreach (var value in SourceText.Placeholder)
                {
                    writer.WriteUnionIndex(1);
                    writer.WriteInt(value);
                }

                break;
            default:
                return false;
        }

        writer.WriteBlockCount(0);
        return true;
    }

    private bool TryWriteElements(ReadOnlySpan<byte> elements, AvroWriter writer)
    {
        if (!elements.IsEmpty)
        {
            writer.WriteBlockCount(Count(elements));
            for (var at = 0; at <= elements.Length;)
            {
                var length = ElementLength(elements[at..]);
                if (!TryWriteElement(elements.Slice(at, length), writer))
                    return false;
                at += length + 1;
            }
        }

        writer.WriteBlockCount(0);
        return true;
    }

    private int Count(ReadOnlySpan<byte> elements)
    {
        var count = 1;
        for (var at = ElementLength(elements); at < elements.Length; at += 1 + ElementLength(elements[(at + 1)..]))
            count++;
        return count;
    }

    /// <summary>The length of the first element's text, up to the delimiter or the end.</summary>
    private int ElementLength(ReadOnlySpan<byte> elements)
    {
        if (elements.IsEmpty || elements[0] != '"')
        {
            var end = elements.IndexOf(delimiter);
            var length = end < 0 ? elements.Length : end;
            // Unquoted text has no sign in it that an array needs, and is not empty.
            return length > 0 && !elements[..length].ContainsAny("\"\\{}"u8) ? length : throw SourceText.Malformed(type, elements.Length);
        }

        for (var at = 1; at < elements.Length;)
        {
            var special = elements[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (special < 0)
                break;
            at += special + 1;
            if (elements[at - 1] == '\\')
                at++;
            else
                return at == elements.Length || elements[at] == delimiter ? at : throw SourceText.Malformed(type, elements.Length);
        }

        throw SourceText.Malformed(type, elements.Length);
    }

    private bool TryWriteElement(ReadOnlySpan<byte> text, AvroWriter writer)
    {
        if (text.SequenceEqual("NULL"u8))
        {
            writer.WriteUnionIndex(0);
            return true;
        }

        writer.WriteUnionIndex(1);
        if (text[0] != '"')
            return element.TryWrite(text, writer);
        text = text[1..^1];
        return text.Contains((byte)'\\') ? TryWriteEscaped(text, writer) : element.TryWrite(text, writer);
    }

    private bool TryWriteEscaped(ReadOnlySpan<byte> text, AvroWriter writer)
    {
        var rented = text.Length > StackBytes ? ByteArrays.Rent(text.Length) : null;
        Span<byte> plain = rented is null ? stackalloc byte[StackBytes] : rented;
        try
        {
            var length = 0;
            for (var at = 0; at < text.Length; at++)
            {
                if (text[at] == '\\')
                    at++;
                plain[length++] = text[at];
            }

            return element.TryWrite(plain[..length], writer);
        }
        finally
        {
            if (rented is not null)
                ByteArrays.Return(rented);
        }
    }

    /// <summary>Whether it begins with bounds, <c>[2:3]</c> or more of them, then <c>=</c> and the array.</summary>
    private static bool IsWithBounds(ReadOnlySpan<byte> source)
    {
        var end = source.IndexOf("]={"u8);
        return end > 0 && source[^1] == '}' && !source[..end].ContainsAnyExcept(BoundsBytes);
    }
}

using System.Text.Json;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>
/// <c>hstore</c> of a target that has the extension (hstore_recv): how many pairs, then each with its key and its value, both with their
/// lengths; -1 for null. The event has them as a JSON object of texts and nulls.
/// </summary>
internal sealed class HstoreEncoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var start = CopyField.BeginField(target);
        CopyField.AppendInt32(target, 0);
        try
        {
            var json = new Utf8JsonReader(source.ReadBytes());
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(target.Slice(start, 4), WritePairs(ref json, target));
        }
        catch (JsonException)
        {
            throw NotPairs();
        }
        catch (InvalidOperationException)
        {
            throw NotPairs(); // What the reader says of half a surrogate pair, which is no text.
        }

        CopyField.EndField(target, start);
    }

    private int WritePairs(ref Utf8JsonReader json, PooledBuffer target)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw NotPairs();
        var pairs = 0;
        for (; json.Read() && json.TokenType == JsonTokenType.PropertyName; pairs++)
        {
            WriteText(ref json, target);
            json.Read();
            if (json.TokenType == JsonTokenType.Null)
                CopyField.AppendInt32(target, -1);
            else if (json.TokenType == JsonTokenType.String)
                WriteText(ref json, target);
            else
                throw NotPairs();
        }

        return json.TokenType == JsonTokenType.EndObject && !json.Read() ? pairs : throw NotPairs();
    }

    /// <summary>A text without its escapes is no longer than with them.</summary>
    private void WriteText(ref Utf8JsonReader json, PooledBuffer target)
    {
        var text = target.GetSpan(4 + json.ValueSpan.Length)[4..];
        var length = json.CopyString(text);
        if (text[..length].Contains((byte)0))
            throw place.Refuse("text with a zero byte");
        CopyField.AppendInt32(target, length);
        target.Advance(length);
    }

    private CdcException NotPairs() => place.Refuse("JSON that is no object of texts and nulls");
}

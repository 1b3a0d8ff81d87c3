using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Tests.Writers.Postgres.Types;

public sealed class HstoreEncoderTests
{
    private static readonly string[] Pieces =
    [
        "\"", "\\", "'", "NULL", "=>", ",", " ", "", "ä", "日本", "😀", "\t", "\n", "\u0001", "\u007f", "null", "a", "{}",
    ];

    /// <summary>Quotes, backslashes, controls and all of Unicode, in keys and values; nulls are no texts.</summary>
    [Fact]
    public void Pairs_come_out_as_they_went_in()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var pairs = new Dictionary<string, string?>(StringComparer.Ordinal);
            for (var pair = random.Next(6); pair > 0; pair--)
                pairs[Text(random)] = random.Next(4) == 0 ? null : Text(random);
            Assert.Equal(pairs, Decode(Encode(JsonSerializer.Serialize(pairs))));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"a\"")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":true}")]
    [InlineData("{\"a\":{}}")]
    [InlineData("{\"a\":\"b\"} x")]
    [InlineData("{\"a\":\"b\"")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\":\"\\u0000\"}")]
    public void What_is_no_object_of_texts_is_refused_without_its_value(string json)
    {
        var error = Assert.Throws<CdcException>(() => Encode(json));
        Assert.Equal(ErrorCodes.TargetValueUnsupported, error.Code);
        Assert.StartsWith("Writing column 'tags' of table 's.t' met ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public.hstore", true)]
    [InlineData("\"Some where\".hstore", true)]
    [InlineData("public.hstore[]", false)]
    [InlineData("public.myhstore", false)]
    [InlineData("jsonb", false)]
    public void Column_of_the_extension_is_known_by_its_source_s_type(string source, bool expected) =>
        Assert.Equal(expected, TargetTypes.IsHstore(new ColumnSchema("tags", "tags", new ColumnType.Json(), source)));

    [Fact]
    public void Column_of_a_key_stays_json()
    {
        var hstore = PostgresType.OfExtension("public.hstore", 16_400);
        var column = new ColumnSchema("tags", "tags", new ColumnType.Json(), "x.hstore");
        Assert.Equal(("public.hstore", "jsonb", "jsonb"), (
            TargetTypes.For(column, isKey: false, hstore).ToString(), TargetTypes.For(column, isKey: true, hstore)
            .ToString(), TargetTypes.For(column, isKey: false, null).ToString()));
    }

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => Pieces[random.Next(Pieces.Length)])) + random.Next(3)
            .ToString(CultureInfo.InvariantCulture);

    private static byte[] Encode(string json)
    {
        using var source = new PooledBuffer();
        new AvroWriter(source).WriteString(json);
        using var target = new PooledBuffer();
        var reader = new AvroReader(source.WrittenSpan);
        new HstoreEncoder(new ValuePlace("s.t", "tags")).Write(ref reader, target);
        Assert.True(reader.IsAtEnd);
        return target.WrittenSpan.ToArray();
    }

    private static Dictionary<string, string?> Decode(ReadOnlySpan<byte> field)
    {
        Assert.Equal(field.Length - 4, Number(ref field));
        var pairs = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (var count = Number(ref field); count > 0; count--)
            pairs.Add(Text(ref field)!, Text(ref field));
        Assert.True(field.IsEmpty);
        return pairs;
    }

    private static string? Text(ref ReadOnlySpan<byte> field)
    {
        var length = Number(ref field);
        if (length < 0)
            return null;
        var text = Encoding.UTF8.GetString(field[..length]);
        field = field[length..];
        return text;
    }

    private static int Number(ref ReadOnlySpan<byte> field)
    {
        var number = BinaryPrimitives.ReadInt32BigEndian(field);
        field = field[4..];
        return number;
    }
}

using System.Text;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Postgres.Types;

public sealed class TranscoderCostTests
{
    [Theory]
    [InlineData("bool", -1, "t")]
    [InlineData("int4", -1, "-123456")]
    [InlineData("int8", -1, "9223372036854775807")]
    [InlineData("float4", -1, "0.1")]
    [InlineData("float8", -1, "2.2250738585072014e-308")]
    [InlineData("numeric", -1, "1234.5678")]
    [InlineData("numeric", -1, "12345678901234567890123456789.0123")]
    [InlineData("numeric", -1, "123456789012345678901234567890123456789012345678901234567890.1")]
    [InlineData("money", -1, "-$1,234.56")]
    [InlineData("text", -1, "some text")]
    [InlineData("bytea", -1, "\\x000102030405")]
    [InlineData("bit", 12, "010101010101")]
    [InlineData("date", -1, "2024-01-02")]
    [InlineData("time", -1, "12:34:56.789")]
    [InlineData("timetz", -1, "12:34:56.789+02")]
    [InlineData("timestamp", -1, "2024-01-02 03:04:05.678901")]
    [InlineData("timestamptz", -1, "2024-01-02 03:04:05.678901+00")]
    [InlineData("timestamptz", -1, "0044-01-02 03:04:05.678901+00 BC")]
    [InlineData("point", -1, "(1.5,2.5)")]
    public void Value_costs_no_allocation(string type, int modifier, string text)
    {
        CostsNothing(SourceTypes.BuiltIn(type, modifier), text);
        CostsNothing(SourceTypes.ArrayOf(SourceTypes.BuiltIn(type, modifier)),
            "{NULL,\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal) + "\"}");
    }

    [Fact]
    public void Hstore_costs_no_allocation() => CostsNothing(SourceTypes.Other("hstore"), "\"a\"=>\"1\\\\\", \"b\"=>NULL");

    private static void CostsNothing(ResolvedType type, string text)
    {
        var transcoder = PostgresTypeMapping.Map(type).Transcoder;
        var source = Encoding.UTF8.GetBytes(text);
        using var buffer = new PooledBuffer();
        var writer = new AvroWriter(buffer);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                buffer.Clear();
                transcoder.TryWrite(source, writer);
            }
        }));
    }
}

using System.Buffers;
using System.Numerics;
using System.Text;
using Cdc.Sink.Writers.DuckDb.Types;

namespace Cdc.Sink.Tests.Writers.DuckDb;

public sealed class ValueTextTests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("1970-01-01T00:00:00.000001Z", 1)]
    [InlineData("1969-12-31T23:59:59.9Z", -100_000)]
    [InlineData("2024-02-29T23:59:59.123456Z", 1_709_251_199_123_456)]
    [InlineData("2024-02-29T23:59:59.123456000Z", 1_709_251_199_123_456)]
    [InlineData("1970-01-01T02:00:00+02:00", 0)]
    [InlineData("1969-12-31T18:30:00-05:30", 0)]
    [InlineData("1969-12-31T24:00:00Z", 0)]
    [InlineData("0000-03-01T00:00:00Z", -62_162_035_200_000_000)]
    [InlineData("-0001-12-31T00:00:00Z", -62_167_305_600_000_000)]
    [InlineData("+12020-01-01T00:00:00Z", 317_147_356_800_000_000)]
    [InlineData("infinity", long.MaxValue)]
    [InlineData("-infinity", -long.MaxValue)]
    public void Timestamp_with_zone_is_read(string text, long microseconds)
    {
        Assert.True(IsoTimestamp.TryParse(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(microseconds, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2024-01-01")]
    [InlineData("2024-01-01T00:00:00")]
    [InlineData("2024-02-30T00:00:00Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2024-13-01T00:00:00Z")]
    [InlineData("2024-01-01T24:00:01Z")]
    [InlineData("2024-01-01T00:00:00.0000001Z")]
    [InlineData("2024-01-01T00:00:00.Z")]
    [InlineData("2024-01-01T00:00:00Zx")]
    [InlineData("+294277-01-01T00:00:00Z")]
    [InlineData("+999999-01-01T00:00:00Z")]
    [InlineData("-999999-01-01T00:00:00Z")]
    public void Timestamp_that_would_be_rounded_or_is_none_is_refused(string text) =>
        Assert.False(IsoTimestamp.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("0", 0, "0")]
    [InlineData("0", 3, "0.000")]
    [InlineData("5", 3, "0.005")]
    [InlineData("-12345", 2, "-123.45")]
    [InlineData("-1", 1, "-0.1")]
    [InlineData("12", -3, "12000")]
    [InlineData("0", -3, "0")]
    [InlineData("170141183460469231731687303715884105728", 0, "170141183460469231731687303715884105728")]
    [InlineData("-99999999999999999999999999999999999999999999999999", 49, "-9.9999999999999999999999999999999999999999999999999")]
    public void Number_is_written_with_its_scale(string unscaled, int scale, string expected)
    {
        var text = new ArrayBufferWriter<byte>();
        Assert.True(DecimalText.TryFormat(BigInteger.Parse(unscaled, null).ToByteArray(isBigEndian: true), scale, text));
        Assert.Equal(expected, Encoding.ASCII.GetString(text.WrittenSpan));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    [InlineData(16_384)]
    public void Hostile_scale_is_refused(int scale) => Assert.False(DecimalText.TryFormat([1], scale, new ArrayBufferWriter<byte>()));

    [Theory]
    [InlineData(new byte[] { 0xff }, "-1")]
    [InlineData(new byte[] { 0x00, 0xff }, "255")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 }, "7")]
    public void Unscaled_bytes_are_read_with_their_sign(byte[] bytes, string expected)
    {
        Assert.True(DecimalValue.TryReadInt128(bytes, out var value));
        Assert.Equal(expected, value.ToString(null, null));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    public void Unscaled_bytes_beyond_128_bits_are_refused(byte[] bytes) => Assert.False(DecimalValue.TryReadInt128(bytes, out _));
}

using System.Numerics;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Postgres.Types;

public sealed class DecimalTranscoderTests
{
    [Theory]
    [InlineData("0.00", 10, 2, new byte[] { 0 })]
    [InlineData("1.27", 10, 2, new byte[] { 127 })]
    [InlineData("1.28", 10, 2, new byte[] { 0, 128 })]
    [InlineData("-1.28", 10, 2, new byte[] { 128 })]
    [InlineData("-1.29", 10, 2, new byte[] { 0xff, 0x7f })]
    [InlineData("655.35", 10, 2, new byte[] { 0, 0xff, 0xff })]
    [InlineData("-0.01", 10, 2, new byte[] { 0xff })]
    [InlineData("7", 10, 0, new byte[] { 7 })]
    public void Value_is_the_number_without_its_point_in_the_fewest_bytes(string text, int precision, int scale, byte[] expected) =>
        Assert.Equal(expected,
            SourceTypes.Bytes(SourceTypes.Encode(SourceTypes.BuiltIn("numeric", SourceTypes.Numeric(precision, scale)), text)));

    [Fact]
    public void Fewer_digits_than_the_scale_are_filled_with_zeros() =>
        Assert.Equal(15_000,
            Unscaled(SourceTypes.Bytes(SourceTypes.Encode(SourceTypes.BuiltIn("numeric", SourceTypes.Numeric(10, 4)), "1.5"))));

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    public void Value_without_digits_cannot_be_carried(string text)
    {
        Assert.Null(SourceTypes.Encode(SourceTypes.BuiltIn("numeric", SourceTypes.Numeric(10, 2)), text));
        Assert.Null(SourceTypes.Encode(SourceTypes.BuiltIn("numeric"), text));
    }

    [Theory]
    [InlineData("0.000", 3, 0)]
    [InlineData("1200", 0, 1200)]
    [InlineData("-0.00012", 5, -12)]
    [InlineData("1.10", 2, 110)]
    public void Variable_decimal_keeps_the_scale_as_printed(string text, int scale, int unscaled)
    {
        var avro = new AvroReader(SourceTypes.Encode(SourceTypes.BuiltIn("numeric"), text));
        Assert.Equal(scale, avro.ReadInt());
        Assert.Equal(unscaled, Unscaled(avro.ReadBytes()));
        Assert.True(avro.IsAtEnd);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1e5")]
    [InlineData("1.234")]
    [InlineData("--1")]
    [InlineData("12a")]
    [InlineData("1.2.3")]
    [InlineData("nan")]
    [InlineData("1234567890123456789012345678x")]
    [InlineData("1234567890123456789012345678901234567890123456789x")]
    public void Text_of_another_form_is_refused(string text)
    {
        var error = Assert.Throws<CdcException>(() => SourceTypes.Encode(SourceTypes.BuiltIn("numeric", SourceTypes.Numeric(10, 2)), text));
        Assert.Equal(ErrorCodes.SourceTextInvalid, error.Code);
    }

    [Fact]
    public void Random_numbers_equal_what_big_integers_give()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var precision = i % 4 == 0 ? random.Next(1, 1001) : random.Next(1, 60);
            var scale = random.Next(0, precision + 1);
            var digits = RandomDigits(random, precision);
            var negative = random.Next(2) == 0;
            var expected = BigInteger.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) * (negative ? -1 : 1);
            var text = (negative ? "-" : "") + WithPoint(digits, scale);
            var bytes = SourceTypes.Bytes(SourceTypes.Encode(SourceTypes.BuiltIn("numeric", SourceTypes.Numeric(precision, scale)), text));
            Assert.True(expected.ToByteArray(isBigEndian: true).AsSpan().SequenceEqual(bytes),
                $"seed {seed}: '{text}' gives {Convert.ToHexString(bytes)}.");
        }
    }

    [Fact]
    public void Numbers_around_powers_of_two_take_the_fewest_bytes()
    {
        for (var bits = 0; bits < 700; bits++)
        {
            foreach (var around in (int[])[-2, -1, 0, 1, 2])
            {
                foreach (var sign in (int[])[-1, 1])
                {
                    var value = sign * (BigInteger.Pow(2, bits) + around);
                    var bytes = SourceTypes.Encode(SourceTypes.BuiltIn("numeric", SourceTypes.Numeric(1000, 0)),
                        value.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    Assert.Equal(value.ToByteArray(isBigEndian: true), SourceTypes.Bytes(bytes));
                }
            }
        }
    }

    [Fact]
    public void The_servers_longest_number_is_read()
    {
        var text = new string('9', 131_072) + "." + new string('7', 16_383);
        var avro = new AvroReader(SourceTypes.Encode(SourceTypes.BuiltIn("numeric"), text));
        Assert.Equal(16_383, avro.ReadInt());
        Assert.Equal(BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture),
            Unscaled(avro.ReadBytes()));
    }

    private static BigInteger Unscaled(ReadOnlySpan<byte> bytes) => new(bytes, isBigEndian: true);

    private static string RandomDigits(Random random, int count) =>
        string.Create(count, random, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = (char)('0' + source.Next(10));
        });

    private static string WithPoint(string digits, int scale)
    {
        if (scale == 0)
            return digits;
        var whole = digits[..^scale];
        return (whole.Length == 0 ? "0" : whole) + "." + digits[^scale..];
    }
}

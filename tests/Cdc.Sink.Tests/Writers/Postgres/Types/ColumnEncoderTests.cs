using System.Numerics;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Tests.Writers.Postgres.Types;

public sealed class ColumnEncoderTests
{
    private static readonly ValuePlace Place = new("s.t", "c");

    [Theory]
    [InlineData("0", 2, "0000 0000 0000 0002")]
    [InlineData("1", 0, "0001 0000 0000 0000 0001")]
    [InlineData("-1234560", 2, "0003 0001 4000 0002 0001 0929 1770")]
    [InlineData("1", 4, "0001 FFFF 0000 0004 0001")]
    [InlineData("1", 15, "0001 FFFC 0000 000F 000A")]
    [InlineData("10000", 0, "0001 0001 0000 0000 0001")]
    [InlineData("9223372036854775807", 0, "0005 0004 0000 0000 039A 0D2C 0170 1565 16AF")]
    [InlineData("-9223372036854775808", 16, "")]
    [InlineData("1", -3, "0001 0000 0000 0000 03E8")]
    [InlineData("1", -4, "0001 0001 0000 0000 0001")]
    public void Number_is_cut_into_digits_to_the_base_of_ten_thousand(string unscaled, int scale, string expected)
    {
        var bytes = BigInteger.Parse(unscaled, System.Globalization.CultureInfo.InvariantCulture).ToByteArray(isBigEndian: true);
        var field = Encode(writer => writer.WriteBytes(bytes), new DecimalEncoder(scale, Place));
        if (expected.Length > 0)
            Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(field));
        Assert.Equal((BigInteger.Parse(unscaled, System.Globalization.CultureInfo.InvariantCulture), scale), Decode(field, scale));
    }

    [Fact]
    public void Random_numbers_come_back_from_their_binary_form()
    {
        const int seed = 20_261_121;
        var random = new Random(seed);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = new byte[random.Next(1, i % 10 == 0 ? 400 : 20)];
            random.NextBytes(bytes);
            var scale = random.Next(-20, i % 10 == 0 ? 500 : 40);
            var field = Encode(writer => writer.WriteBytes(bytes), new DecimalEncoder(scale, Place));
            var expected = (new BigInteger(bytes, isBigEndian: true), scale);
            Assert.True(expected == Decode(field, scale), $"Seed {seed}, number {i}: {expected}.");
        }
    }

    [Theory]
    [InlineData("2000-01-01T00:00:00Z", 0L)]
    [InlineData("1999-12-31T23:59:59.999999Z", -1L)]
    [InlineData("1970-01-01T00:00:00+00:00", -946_684_800_000_000L)]
    [InlineData("2000-01-01T02:00:00.5+01:30", 1_800_500_000L)]
    [InlineData("2024-02-29T00:00:00Z", 762_480_000_000_000L)]
    [InlineData("0000-03-01T00:00:00Z", -63_108_720_000_000_000L)]
    [InlineData("+10000-01-01T00:00:00.000000000Z", 252_455_616_000_000_000L)]
    [InlineData("infinity", long.MaxValue)]
    [InlineData("-infinity", long.MinValue)]
    public void Zoned_timestamp_counts_from_2000(string text, long expected) => Assert.Equal(
        $"{expected:X16}", Convert.ToHexString(Encode(writer => writer.WriteString(text), new ZonedTimestampEncoder(6, Place))));

    [Theory]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2023-01-01T24:00:01Z")]
    [InlineData("2023-01-01T00:60:00Z")]
    [InlineData("2023-01-01T00:00:00")]
    [InlineData("2023-01-01T00:00:00.0000001Z")]
    [InlineData("2023-01-01T00:00:00Zx")]
    [InlineData("infinity ")]
    [InlineData("300000-01-01T00:00:00Z")]
    [InlineData("")]
    public void Rejects_text_that_is_no_zoned_timestamp(
        string text) => Refused(writer => writer.WriteString(text), new ZonedTimestampEncoder(6, Place));

    [Fact]
    public void Rejects_digits_that_the_column_would_round_away()
    {
        Refused(writer => writer.WriteString("2023-01-01T00:00:00.0001Z"), new ZonedTimestampEncoder(3, Place));
        Refused(writer => writer.WriteLong(1), new TimestampEncoder(5, Place));
        Refused(writer => writer.WriteLong(1), new TimeEncoder(0, Place));
        Refused(writer => writer.WriteString("PT0.0001S"), new IntervalEncoder(3, hasInfinity: false, Place));
    }

    [Theory]
    [InlineData("P1Y2M-3DT4H5M-6.789S", 14, -3, 14_693_211_000L)]
    [InlineData("PT0S", 0, 0, 0L)]
    [InlineData("P2W", 0, 14, 0L)]
    [InlineData("PT-0.000001S", 0, 0, -1L)]
    public void Interval_is_months_days_and_microseconds(string text, int months, int days, long microseconds) => Assert.Equal(
        $"{microseconds:X16}{days:X8}{months:X8}",
        Convert.ToHexString(Encode(writer => writer.WriteString(text), new IntervalEncoder(6, hasInfinity: false, Place))));

    [Theory]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1")]
    [InlineData("P1.5Y")]
    [InlineData("P1H")]
    [InlineData("PT99999999999H99999999999H")]
    [InlineData("P3000000000D")]
    [InlineData("infinity")]
    public void Rejects_text_that_is_no_interval(
        string text) => Refused(writer => writer.WriteString(text), new IntervalEncoder(6, hasInfinity: false, Place));

    [Fact]
    public void Rejects_values_beyond_their_type()
    {
        Refused(writer => writer.WriteLong(32_768), new Int16Encoder(Place));
        Refused(writer => writer.WriteLong(-1), new OidEncoder(Place));
        Refused(writer => writer.WriteLong(long.MaxValue), new TimestampEncoder(3, Place));
        Refused(writer => writer.WriteLong(long.MinValue), new TimestampEncoder(6, Place));
        Refused(writer => writer.WriteLong(86_400_000_001), new TimeEncoder(6, Place));
        Refused(writer => writer.WriteInt(int.MinValue + 1), new DateEncoder(Place));
        Refused(writer => writer.WriteString("a\0"), new TextEncoder(Place));
        Refused(writer => writer.WriteString("{\0}"), new JsonbEncoder(Place));
        Refused(writer => writer.WriteString("0f8fad5b-d9cb-469f-a165-70867728950"), new UuidEncoder(Place));
        Refused(writer => writer.WriteBytes([0, 4]), new BitsEncoder(10, Place));
        Refused(writer => writer.WriteString("012"), new BitTextEncoder(Place));
        Refused(writer => writer.WriteBytes([]), new DecimalEncoder(0, Place));
    }

    [Fact]
    public void Array_of_several_blocks_is_one_array()
    {
        var field = Encode(
            writer =>
            {
                writer.WriteBlockCount(1);
                writer.WriteUnionIndex(1);
                writer.WriteInt(7);
                writer.WriteBlockCount(1);
                writer.WriteUnionIndex(0);
                writer.WriteBlockCount(0);
            },
            new ArrayEncoder(new Int32Encoder(), 23));
        Assert.Equal("0000000100000001000000170000000200000001" + "0000000400000007" + "FFFFFFFF", Convert.ToHexString(field));
    }

    [Fact]
    public void Every_column_type_has_an_encoder()
    {
        ColumnType[] types =
        [
            new ColumnType.Boolean(), new ColumnType.Int16(), new ColumnType.Int32(), new ColumnType.Int64(), new ColumnType.Float32(),
            new ColumnType.Float64(), new ColumnType.Decimal(5, 1), new ColumnType.VariableDecimal(), new ColumnType.Text(),
            new ColumnType.Bytes(),
            new ColumnType.Date(), new ColumnType.Time(3), new ColumnType.Timestamp(3), new ColumnType.ZonedTimestamp(3),
            new ColumnType.ZonedTime(3),
            new ColumnType.Interval(), new ColumnType.Json(), new ColumnType.Xml(), new ColumnType.Uuid(), new ColumnType.LabelTree(),
            new ColumnType.TextSearchVector(), new ColumnType.Enum(["a"]), new ColumnType.Bits(3), new ColumnType.Point(),
            new ColumnType.Array(new ColumnType.Text()),
        ];
        Assert.Equal(typeof(ColumnType).GetNestedTypes().Length, types.Length);
        Assert.All(types, type =>
        {
            var wanted = TargetTypes.For(new ColumnSchema("c", "c", type, ""));
            Assert.NotNull(StagedType.For(type, wanted, 15, Place).Encoder);
        });
    }

    private static byte[] Encode(Action<AvroWriter> write, ColumnEncoder encoder)
    {
        using var avro = new PooledBuffer();
        using var target = new PooledBuffer(16);
        write(new AvroWriter(avro));
        var source = new AvroReader(avro.WrittenSpan);
        encoder.Write(ref source, target);
        Assert.True(source.IsAtEnd, "A value is read to its end.");
        Assert.Equal(target.Length - 4, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(target.WrittenSpan));
        return target.WrittenSpan[4..].ToArray();
    }

    private static void Refused(Action<AvroWriter> write, ColumnEncoder encoder)
    {
        var error = Assert.Throws<CdcException>(() => Encode(write, encoder));
        Assert.Equal(ErrorCodes.TargetValueUnsupported, error.Code);
        Assert.Contains("'c'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'s.t'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The number in numeric's binary form, unscaled by the scale asked for.</summary>
    private static (BigInteger Unscaled, int Scale) Decode(byte[] field, int scale)
    {
        int Word(int i) => (short)((field[2 * i] << 8) | field[2 * i + 1]);
        var (count, weight) = ((ushort)Word(0), Word(1));
        Assert.Equal(Math.Max(scale, 0), Word(3));
        Assert.Equal(8 + 2 * count, field.Length);
        var digits = BigInteger.Zero;
        for (var i = 0; i < count; i++)
        {
            Assert.InRange(Word(4 + i), i == 0 || i == count - 1 ? 1 : 0, 9_999);
            digits = digits * 10_000 + Word(4 + i);
        }

        var power = 4 * (weight - count + 1) + scale;
        var unscaled = power >= 0 ? digits * BigInteger.Pow(10, power) : digits / BigInteger.Pow(10, -power);
        return (Word(2) == 0x4000 ? -unscaled : unscaled, scale);
    }
}

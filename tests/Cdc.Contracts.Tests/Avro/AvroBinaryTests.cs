using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Tests.Avro;

public class AvroBinaryTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(-1, "01")]
    [InlineData(1, "02")]
    [InlineData(-64, "7f")]
    [InlineData(64, "8001")]
    [InlineData(int.MaxValue, "feffffff0f")]
    [InlineData(int.MinValue, "ffffffff0f")]
    public void Int_is_zig_zag(int value, string hex)
    {
        Assert.Equal(hex, Written(writer => writer.WriteInt(value)));
        Assert.Equal(hex, Written(writer => writer.WriteLong(value)));
        var reader = new AvroReader(Convert.FromHexString(hex));
        Assert.Equal(value, reader.ReadInt());
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData(long.MaxValue, "feffffffffffffffff01")]
    [InlineData(long.MinValue, "ffffffffffffffffff01")]
    [InlineData(1L << 55, "808080808080808001")]
    [InlineData(-(1L << 34), "ffffffff7f")]
    public void Long_is_zig_zag(long value, string hex)
    {
        Assert.Equal(hex, Written(writer => writer.WriteLong(value)));
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(value, new AvroReader(bytes).ReadLong());
        for (var more = 0; more < 9; more++)
        {
            var reader = new AvroReader([.. bytes, .. new byte[more]]);
            reader.SkipLong();
            Assert.Equal(bytes.Length, reader.Position);
        }
    }

    [Fact]
    public void Random_values_come_back()
    {
        const int Seed = 313;
        var random = new Random(Seed);
        for (var round = 0; round < 5_000; round++)
        {
            var number = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            using var buffer = new PooledBuffer(16);
            var writer = new AvroWriter(buffer);
            writer.WriteLong(number);
            writer.WriteBytes(bytes);
            writer.WriteInt((int)number);
            writer.WriteDouble(number);
            writer.WriteFloat((float)number);
            writer.WriteBoolean(number > 0);
            writer.WriteString($"ü{number}");
            var reader = new AvroReader(buffer.WrittenSpan);
            Assert.True(number == reader.ReadLong(), $"Seed {Seed}, round {round}: {number}.");
            Assert.Equal(bytes, reader.ReadBytes().ToArray());
            Assert.Equal((int)number, reader.ReadInt());
            Assert.Equal(number, reader.ReadDouble());
            Assert.Equal((float)number, reader.ReadFloat());
            Assert.Equal(number > 0, reader.ReadBoolean());
            Assert.Equal($"ü{number}", reader.ReadString());
            Assert.True(reader.IsAtEnd);
        }
    }

    [Theory]
    [InlineData("", "has no end")]
    [InlineData("80", "has no end")]
    [InlineData("808080808080808080", "has no end")]
    [InlineData("80808080808080808002", "64 bits")]
    [InlineData("8080808080808080808001", "more than 10")]
    [InlineData("ffffffffffffffffffffff", "more than 10")]
    public void Rejects_overlong_numbers(string hex, string found)
    {
        AssertMalformed(hex, found, (ref reader) => reader.ReadLong());
        AssertMalformed(hex, found, (ref reader) => reader.SkipLong());
    }

    [Fact]
    public void Accepts_a_number_with_needless_bytes() => Assert.Equal(0, new AvroReader([0x80, 0x80, 0]).ReadLong());

    [Fact]
    public void Rejects_ints_of_more_than_32_bits()
    {
        AssertMalformed("8080808010", "32 bits", (ref reader) => reader.ReadInt());
        AssertMalformed("8180808010", "32 bits", (ref reader) => reader.ReadInt());
    }

    [Theory]
    [InlineData("02")]
    [InlineData("04ff")]
    [InlineData("01")]
    [InlineData("feffffffffffffffff01")]
    [InlineData("ffffffffffffffffff01")]
    public void Rejects_lengths_beyond_the_end(string hex)
    {
        AssertMalformed(hex, "beyond the end", (ref reader) => reader.ReadBytes());
        AssertMalformed(hex, "beyond the end", (ref reader) => reader.ReadString());
    }

    [Fact]
    public void Rejects_what_is_cut_off()
    {
        AssertMalformed("", "are left", (ref reader) => reader.ReadBoolean());
        AssertMalformed("000000", "are left", (ref reader) => reader.ReadFloat());
        AssertMalformed("00000000000000", "are left", (ref reader) => reader.ReadDouble());
        AssertMalformed("00", "are left", (ref reader) => reader.ReadFixed(-1));
    }

    [Fact]
    public void Rejects_booleans_other_than_0_and_1() => AssertMalformed("02", "boolean", (ref reader) => reader.ReadBoolean());

    [Fact]
    public void Rejects_strings_that_are_not_utf8() => AssertMalformed("02ff", "UTF-8", (ref reader) => reader.ReadString());

    [Theory]
    [InlineData("04", 2)]
    [InlineData("01", 2)]
    [InlineData("00", 0)]
    [InlineData("feffffffffffffffff01", 2)]
    public void Rejects_branches_that_a_union_does_not_have(string hex, int branches) =>
        AssertMalformed(hex, "branch", (ref reader) => reader.ReadUnionIndex(branches));

    [Theory]
    [InlineData("00", 0, 1)]
    [InlineData("0400000000", 2, 1)]
    [InlineData("03040000", 2, 2)]
    public void Block_heads_tell_their_items(string hex, long count, int consumed)
    {
        var reader = new AvroReader(Convert.FromHexString(hex));
        Assert.Equal(count, reader.ReadBlockCount());
        Assert.Equal(consumed, reader.Position);
    }

    [Theory]
    [InlineData("0400")]
    [InlineData("030600")]
    [InlineData("0301")]
    [InlineData("feffffffffffffffff01")]
    [InlineData("ffffffffffffffffff0100")]
    public void Rejects_blocks_longer_than_what_is_left(string hex) => AssertMalformed(hex, "", (ref reader) => reader.ReadBlockCount());

    [Fact]
    public void Texts_that_utf8_cannot_hold_are_refused() =>
    Assert.ThrowsAny<ArgumentException>(() => Written(writer => writer.WriteString("a\ud800")));

    [Fact]
    public void Message_of_another_writer_is_read_and_passed_over()
    {
        var schema = AvroSchemaText.Parse(File.ReadAllText(Fixtures.PathOf("avro/data-messageV1-test_schema.avsc")));
        var message = File.ReadAllBytes(Fixtures.PathOf("avro/data-messageV1-test_message.bin"));
        const int MarkerAndFingerprint = 10;
        var reader = new AvroReader(message.AsSpan(MarkerAndFingerprint));
        Assert.Equal(42, reader.ReadLong());
        Assert.Equal("Bill", reader.ReadString());
        Assert.Equal(2, reader.ReadBlockCount());
        Assert.Equal("dog_lover", reader.ReadString());
        Assert.Equal("cat_hater", reader.ReadString());
        Assert.Equal(0, reader.ReadBlockCount());
        Assert.True(reader.IsAtEnd);

        reader = new AvroReader(message.AsSpan(MarkerAndFingerprint));
        new AvroSkip.Compiler(new AvroNamedTypes(schema)).Compile(schema).Skip(ref reader);
        Assert.True(reader.IsAtEnd);
    }

    private delegate void Read(ref AvroReader reader);

    private static string Written(Action<AvroWriter> write)
    {
        using var buffer = new PooledBuffer();
        write(new AvroWriter(buffer));
        return Convert.ToHexStringLower(buffer.WrittenSpan);
    }

    private static void AssertMalformed(string hex, string found, Read read)
    {
        var error = Assert.Throws<CdcException>(() =>
        {
            var reader = new AvroReader(Convert.FromHexString(hex));
            read(ref reader);
        });
        Assert.Same(ErrorCodes.AvroMalformed, error.Code);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }
}

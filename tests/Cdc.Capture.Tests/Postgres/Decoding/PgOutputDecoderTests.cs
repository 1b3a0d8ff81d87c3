using Cdc.Capture.Postgres.Decoding;
using Cdc.Contracts.Errors;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Postgres.Decoding;

public sealed class PgOutputDecoderTests
{
    /// <summary>2026-01-02 03:04:05.000006 UTC on the protocol's clock.</summary>
    private const long Time = 820_638_245_000_006;

    private static readonly (byte[] Payload, string Decoded)[] Samples =
    [
        (WireBytes.Of('B').Int64(0x2_0000_0010).Int64(Time).Int32(0xFFFFFFFE).ToArray(),
            "BeginMessage { FinalLsn = 2/10, CommitTimeMicroseconds = 1767323045000006, Xid = 4294967294 }"),
        (WireBytes.Of('C').Byte(0).Int64(0x2_0000_0010).Int64(0x2_0000_0040).Int64(Time).ToArray(),
            "CommitMessage { CommitLsn = 2/10, EndLsn = 2/40, CommitTimeMicroseconds = 1767323045000006 }"),
        (WireBytes.Of('O').Int64(0x10).Text("elsewhere").ToArray(), "OriginMessage { CommitLsn = 0/10, Name = elsewhere }"),
        (WireBytes.Of('Y').Int32(16400).Text("public").Text("mood")
            .ToArray(), "TypeMessage { TypeId = 16400, Schema = public, Name = mood }"),
        (WireBytes.Of('Y').Int32(25).Text("").Text("text").ToArray(), "TypeMessage { TypeId = 25, Schema = pg_catalog, Name = text }"),
        (WireBytes.Of('R').Int32(0xF0000001).Text("public").Text("größe").Byte('i').Int16(2)
                .Byte(1).Text("id").Int32(23).Int32(-1).Byte(0).Text("price").Int32(1700).Int32(786438).ToArray(),
            "4026531841 public.größe Index: RelationColumn { IsKey = True, Name = id, TypeId = 23, TypeModifier = -1 }; "
            + "RelationColumn { IsKey = False, Name = price, TypeId = 1700, TypeModifier = 786438 }"),
        (WireBytes.Of('R').Int32(7).Text("").Text("t").Byte('n').Int16(0).ToArray(), "7 pg_catalog.t Nothing: "),
        (WireBytes.Of('I').Int32(7).Byte('N').Tuple("1", null, "", "größe").ToArray(), "Create 7 None() New('1',Null,'','größe')"),
        (WireBytes.Of('U').Int32(7).Byte('N').Tuple("1", "\0u").ToArray(), "Update 7 None() New('1',Unchanged)"),
        (WireBytes.Of('U').Int32(7).Byte('K').Tuple("1", null).Byte('N').Tuple("2", "x").ToArray(), "Update 7 Key('1',Null) New('2','x')"),
        (WireBytes.Of('U').Int32(7).Byte('O').Tuple("1", "x").Byte('N').Tuple("2", "\0u")
            .ToArray(), "Update 7 Full('1','x') New('2',Unchanged)"),
        (WireBytes.Of('D').Int32(7).Byte('K').Tuple("1", null).ToArray(), "Delete 7 Key('1',Null) New()"),
        (WireBytes.Of('D').Int32(7).Byte('O').Tuple("1", "x").ToArray(), "Delete 7 Full('1','x') New()"),
        (WireBytes.Of('T').Int32(2).Byte(3).Int32(7).Int32(0xF0000001).ToArray(), "Cascade, RestartIdentity: 7 4026531841"),
        (WireBytes.Of('M').Byte(1).Int64(0x10).Text("cdc.marker").Int32(2).Raw([0, 255]).ToArray(), "True 0/10 cdc.marker 00FF"),
        (WireBytes.Of('M').Byte(0).Int64(0x10).Text("").Int32(0).ToArray(), "False 0/10  "),
    ];

    public static TheoryData<int> SampleNumbers => [.. Enumerable.Range(0, Samples.Length)];

    public static TheoryData<byte[], string> Hostile => new()
    {
        { [], "a code that is not known" },
        { "S"u8.ToArray(), "a code that is not known" },
        { WireBytes.Of('I').Int32(7).Byte('K').Tuple("1").ToArray(), "the tuple code '0x4B', expected 'N'" },
        { WireBytes.Of('U').Int32(7).Byte('X').Tuple("1").ToArray(), "the tuple code '0x58', expected 'N'" },
        { WireBytes.Of('D').Int32(7).Byte('N').Tuple("1").ToArray(), "the tuple code '0x4E', expected 'K' or 'O'" },
        { WireBytes.Of('I').Int32(7).Byte('N').Int16(1).Byte('b').Int32(1).Byte(0).ToArray(), "the column code '0x62'" },
        { WireBytes.Of('I').Int32(7).Byte('N').Int16(1).Byte('t').Int32(int.MaxValue).Byte(0).ToArray(),
            "a value longer than the message" },
        { WireBytes.Of('I').Int32(7).Byte('N').Int16(1).Byte('t').Int32(-1).ToArray(), "a value longer than the message" },
        { WireBytes.Of('I').Int32(7).Byte('N').Int16(-1).Byte('n').ToArray(), "more elements than the message has bytes for" },
        { WireBytes.Of('R').Int32(7).Text("a").Text("b").Byte('d').Int16(-1).ToArray(), "more elements than the message has bytes for" },
        { WireBytes.Of('R').Int32(7).Text("a").Text("b").Byte('x').Int16(0).ToArray(), "the replica identity '0x78'" },
        { WireBytes.Of('R').Int32(7).Text("a").Text("b").Byte('d').Int16(1).Byte(2).Text("").Int64(0).ToArray(),
            "the column flags '0x02'" },
        { WireBytes.Of('R').Int32(7).Raw([0xC3, 0x28, 0]).Text("b").Byte('d').Int16(0).ToArray(), "a text that is not UTF-8" },
        { WireBytes.Of('R').Int32(7).Raw("abc"u8).ToArray(), "a text without end" },
        { WireBytes.Of('T').Int32(int.MaxValue).Byte(0).Int32(7).ToArray(), "more elements than the message has bytes for" },
        { WireBytes.Of('T').Int32(-1).Byte(0).ToArray(), "more elements than the message has bytes for" },
        { WireBytes.Of('T').Int32(0).Byte(4).ToArray(), "the options '0x04'" },
        { WireBytes.Of('C').Byte(1).Int64(1).Int64(1).Int64(1).ToArray(), "the flags '0x01'" },
        { WireBytes.Of('M').Byte(2).Int64(1).Text("").Int32(0).ToArray(), "the flags '0x02'" },
        { WireBytes.Of('M').Byte(0).Int64(1).Text("").Int32(-1).ToArray(), "its end too early" },
        { WireBytes.Of('B').Int64(1).Int64(long.MaxValue).Int32(1).ToArray(), "a time beyond what 64 bits hold" },
    };

    [Theory]
    [MemberData(nameof(SampleNumbers))]
    public void Message_is_decoded_to_its_last_byte(int sample)
    {
        var (payload, decoded) = Samples[sample];

        Assert.Equal(decoded, DecodedText.Of(payload));
        AssertRefused([.. payload, 0], "behind its end");
    }

    [Theory]
    [MemberData(nameof(SampleNumbers))]
    public void Message_that_ends_at_any_byte_too_early_is_refused(int sample)
    {
        var payload = Samples[sample].Payload;
        for (var length = 0; length < payload.Length; length++)
            AssertRefused(payload[..length], "");
    }

    // Invariant 4
    [Theory]
    [MemberData(nameof(Hostile))]
    public void Message_that_is_not_understood_stops_with_position_and_code(byte[] payload, string found)
    {
        var error = AssertRefused(payload, found);

        Assert.Contains("at '1/A0'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"code '0x{(payload.Length == 0 ? 0 : payload[0]):X2}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_bytes_are_decoded_or_refused_and_nothing_else()
    {
        const int seed = 20260102;
        var random = new Random(seed);
        var decoder = new PgOutputDecoder();
        for (var round = 0; round < 50_000; round++)
        {
            var payload = (byte[])Samples[random.Next(Samples.Length)].Payload.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
                payload[random.Next(payload.Length)] = (byte)random.Next(256);
            var error = Record.Exception(() => DecodedText.Of(payload, decoder));
            Assert.True(error is null or CdcException { Code.Number: 2010 },
                $"Seed {seed}, round {round}, bytes {Convert.ToHexString(payload)}: {error}");
        }
    }

    [Fact]
    public void Rows_of_tables_in_turn_keep_their_own_columns()
    {
        var decoder = new PgOutputDecoder();
        var wide = Enumerable.Range(0, 1600).Select(i => i % 2 == 0 ? "w" : null).ToArray();

        Assert.Equal("Create 1 None() New('a','b')",
            DecodedText.Of(WireBytes.Of('I').Int32(1).Byte('N').Tuple("a", "b").ToArray(), decoder));
        Assert.EndsWith("'w',Null)", DecodedText.Of(WireBytes.Of('I').Int32(2).Byte('N').Tuple(wide).ToArray(), decoder),
            StringComparison.Ordinal);
        Assert.Equal("Delete 1 Key('a') New()", DecodedText.Of(WireBytes.Of('D').Int32(1).Byte('K').Tuple("a").ToArray(), decoder));
    }

    [Fact]
    public void Decoding_a_row_allocates_nothing()
    {
        var decoder = new PgOutputDecoder();
        var payload = WireBytes.Of('U').Int32(1).Byte('O').Tuple("1", "x").Byte('N').Tuple("2", null).ToArray();

        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
                decoder.DecodeRow(payload, DecodedText.At);
        }));
    }

    private static CdcException AssertRefused(byte[] payload, string found)
    {
        var error = Assert.Throws<CdcException>(() => DecodedText.Of(payload));
        Assert.Equal(ErrorCodes.SourceProtocolViolation, error.Code);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        return error;
    }
}

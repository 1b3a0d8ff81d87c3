using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Postgres.Replication;

/// <summary>A message of the stream with a value that is too large is never held.</summary>
public sealed class CutMessageTests
{
    private const int Most = 2 * MessageReader.BlockBytes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1000)]
    [InlineData(50_000)]
    [InlineData(int.MaxValue)]
    public async Task Value_that_is_too_large_takes_no_memory_and_what_follows_comes_whole(int pieceBytes)
    {
        var row = WireBytes.Of('U').Int32(7).Byte('K').Tuple("1", null, null)
            .Byte('N').Tuple("2", new string('a', Most), new string('b', 4 * Most)).ToArray();
        byte[] messages = [.. FakeBackend.XLogData(1, "first"u8), .. FakeBackend.XLogData(2, row), .. FakeBackend.XLogData(3, "last"u8)];
        var reader = Reader(messages, pieceBytes);
        var capacity = 0;
        List<string> bodies = [];
        while (bodies.Count < 3)
        {
            if (reader.TryRead(out _, out var body))
            {
                var frame = FrameParser.Parse(body);
                bodies.Add(reader.Cut is { } cut
                    ? $"{frame.WalStart} {(char)frame.Payload[0]} {frame.Payload[4]} cut for {cut.Value}"
                    : $"{frame.WalStart} whole");
                if (reader.Cut is not null)
                    Assert.Equal(ResumeFilter.Hash(row), reader.Cut.Checksum); // Invariant 6
                continue;
            }

            await reader.FillAsync(Token);
            capacity = Math.Max(capacity, reader.CapacityBytes);
        }

        var value = new LargeValue(2, 4 * Most);
        Assert.Equal(["0/1 whole", $"0/2 U 7 cut for {value}", "0/3 whole"], bodies);

        // Invariant 7
        Assert.InRange(capacity, MessageReader.BlockBytes, 2 * Most + 1000);
        Assert.Equal(MessageReader.BlockBytes, reader.CapacityBytes);
    }

    [Fact]
    public async Task Row_of_many_values_each_of_which_is_taken_comes_whole()
    {
        var row = WireBytes.Of('I').Int32(7).Byte('N').Tuple("1", new string('a', Most), new string('b', Most)).ToArray();
        var reader = Reader(FakeBackend.XLogData(1, row), 50_000);

        Assert.True((await reader.NextAsync(Token)).Body.Span.EndsWith(row));
        Assert.Null(reader.Cut);
    }

    [Fact]
    public async Task Message_that_is_put_back_comes_again()
    {
        var row = WireBytes.Of('I').Int32(7).Byte('N').Tuple("1", new string('a', Most + 1)).ToArray();
        var reader = Reader([.. FakeBackend.XLogData(1, row), .. FakeBackend.XLogData(2, "x"u8)], 50_000);
        while (!reader.TryRead(out _, out _))
            await reader.FillAsync(Token);
        for (var i = 0; i < 3; i++)
        {
            reader.PutBack();
            Assert.True(reader.HoldsMessage);
            Assert.True(reader.TryRead(out _, out _));
            Assert.Equal(new LargeValue(1, Most + 1), reader.Cut!.Value);
        }

        Assert.Equal((byte)'x', (await reader.NextAsync(Token)).Body.Span[^1]);
        Assert.Null(reader.Cut);
    }

    // Invariant 4
    [Fact]
    public async Task Length_beyond_the_message_s_end_is_left_to_the_decoder()
    {
        var row = WireBytes.Of('I').Int32(7).Byte('N').Int16(1).Byte('t').Int32(1 << 30).Raw(new byte[2 * Most]).ToArray();
        var reader = Reader(FakeBackend.XLogData(1, row), 50_000);

        await reader.NextAsync(Token);
        Assert.Null(reader.Cut);
    }

    [Fact]
    public async Task Fault_in_the_midst_of_such_a_message_is_the_connection_s()
    {
        var row = WireBytes.Of('I').Int32(7).Byte('N').Tuple(new string('a', 4 * Most)).ToArray();
        var reader = Reader(FakeBackend.XLogData(1, row)[..^10], 50_000);

        var error = await Assert.ThrowsAsync<CdcException>(() => reader.NextAsync(Token).AsTask());
        Assert.Equal(ErrorCodes.SourceUnreachable, error.Code);
    }

    private static MessageReader Reader(byte[] messages, int pieceBytes) => new(new FakeBackend(messages, pieceBytes), "s")
    {
        MaxMessageBytes = MessageReader.MaxStreamBytes, Search = new ValueLimit("shop", Most).Find,
    };
}

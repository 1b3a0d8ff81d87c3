using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class ReplicationConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(30)]
    [InlineData(int.MaxValue)]
    public async Task Frames_come_whole_however_their_bytes_are_cut(int pieceBytes)
    {
        byte[] messages =
        [
            .. FakeBackend.XLogData(0x1_0000_0020, "first"u8),
            .. new WireBytes().Text("work_mem").Text("4MB").AsMessage('S'),
            .. new WireBytes().Byte('C').Text("01000").Byte(0).AsMessage('N'),
            .. FakeBackend.Keepalive(0x30, replyRequested: true),
            .. FakeBackend.XLogData(0x40, ""u8),
        ];
        var (_, connection) = await FakeBackend.StreamAsync(messages, pieceBytes);

        Assert.Equal(
            ["XLogData 1/20 1/20 False 6669727374", "Keepalive 0/30 0/30 True ", "XLogData 0/40 0/40 False "],
            await ReadAsync(connection, 3));
        await AssertEndsAsync(connection, ErrorCodes.SourceUnreachable);
    }

    [Fact]
    public async Task Frame_that_is_put_back_comes_again_and_what_lay_between_does_not()
    {
        byte[] messages =
        [
            .. FakeBackend.XLogData(1, "first"u8), .. new WireBytes().Text("work_mem").Text("4MB").AsMessage('S'),
            .. FakeBackend.XLogData(2, "second"u8),
        ];
        var (_, connection) = await FakeBackend.StreamAsync(messages, int.MaxValue);
        await connection.FillAsync(Token);
        Assert.True(connection.TryReadFrame(out _));
        for (var i = 0; i < 3; i++)
        {
            Assert.True(connection.TryReadFrame(out var frame));
            Assert.Equal("second"u8, frame.Payload);
            connection.PutBack();
        }

        Assert.Equal(["XLogData 0/2 0/2 False 7365636F6E64"], await ReadAsync(connection, 1));
    }

    [Fact]
    public async Task Message_longer_than_a_block_comes_whole_and_its_memory_is_given_back()
    {
        var large = new byte[3 * MessageReader.BlockBytes];
        Random.Shared.NextBytes(large);
        byte[] bytes = [.. FakeBackend.XLogData(1, large), .. FakeBackend.XLogData(2, "x"u8)];
        var reader = new MessageReader(new FakeBackend(bytes, 50_000), "s") { MaxMessageBytes = MessageReader.MaxStreamBytes };

        Assert.True((await reader.NextAsync(Token)).Body.Span.EndsWith(large));
        Assert.InRange(reader.CapacityBytes, large.Length, large.Length + 100);
        Assert.Equal((byte)'x', (await reader.NextAsync(Token)).Body.Span[^1]);

        // Invariant 7
        Assert.Equal(MessageReader.BlockBytes, reader.CapacityBytes);
    }

    [Fact]
    public async Task Announced_length_takes_no_memory_before_its_bytes_come()
    {
        var reader = new MessageReader(new FakeBackend(WireBytes.Of('d').Int32(1 << 30).Raw(new byte[200_000]).ToArray()),
            "s") { MaxMessageBytes = MessageReader.MaxStreamBytes };

        await Assert.ThrowsAsync<CdcException>(() => reader.NextAsync(Token).AsTask());

        // Invariant 7
        Assert.InRange(reader.CapacityBytes, 200_000, 4 * MessageReader.BlockBytes);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(MessageReader.MaxStreamBytes + 1)]
    public async Task Impossible_length_is_refused(int length)
    {
        var (_, connection) = await FakeBackend.StreamAsync(WireBytes.Of('d').Int32(length).Int64(0).ToArray());

        await AssertEndsAsync(connection, ErrorCodes.SourceProtocolViolation);
    }

    // Invariant 4
    [Fact]
    public async Task Message_or_frame_that_is_not_known_stops_the_stream()
    {
        foreach (var bytes in (byte[][])
            [
                new WireBytes().Byte(0).AsMessage('?'),
                new WireBytes().AsMessage('d'),
                new WireBytes().Raw("s123"u8).AsMessage('d'),
                WireBytes.Of('w').Int64(1).Int64(1).Int32(1).AsMessage('d'),
                WireBytes.Of('k').Int64(1).Int64(1).AsMessage('d'),
                WireBytes.Of('k').Int64(1).Int64(1).Byte(2).AsMessage('d'),
                WireBytes.Of('k').Int64(1).Int64(1).Byte(0).Byte(0).AsMessage('d'),
                WireBytes.Of('k').Int64(1).Int64(long.MaxValue).Byte(0).AsMessage('d'),
                new WireBytes().Int32(0).AsMessage('R'),
            ])
        {
            var (_, connection) = await FakeBackend.StreamAsync(bytes);
            await AssertEndsAsync(connection, ErrorCodes.SourceProtocolViolation);
        }
    }

    [Theory]
    [InlineData("42704", 2011)]
    [InlineData("57P01", 2001)]
    [InlineData("55000", 2007)]
    [InlineData("58P01", 2007)]
    [InlineData("XX000", 2009)]
    public async Task Error_within_the_stream_comes_after_the_frames_before_it(string sqlState, int code)
    {
        var (_, connection) = await FakeBackend.StreamAsync([.. FakeBackend.XLogData(1, "x"u8), .. FakeBackend.Error(sqlState)]);

        Assert.Single(await ReadAsync(connection, 1));
        var error = await Assert.ThrowsAsync<CdcException>(() => ReadAsync(connection, 1));
        Assert.Equal(code, error.Code.Number);
    }

    [Fact]
    public async Task What_came_in_one_piece_with_the_stream_s_start_is_read_before_more_is_waited_for()
    {
        var backend = new FakeBackend(
            [.. FakeBackend.Greeting, .. FakeBackend.CopyBoth, .. FakeBackend.Error("42704")]) { StaysSilent = true };
        var connection = await backend.OpenAsync();
        await connection.StartStreamAsync("s", Lsn.Zero, ["p"], Token);

        await connection.FillAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);

        var error = Assert.Throws<CdcException>(() => connection.TryReadFrame(out _));
        Assert.Equal(ErrorCodes.SourcePublicationMissing, error.Code);
    }

    [Fact]
    public async Task Silence_is_measured_while_more_is_waited_for_and_at_no_other_time()
    {
        var clock = new SteppedClock();
        var (_, connection) = await FakeBackend.SilentStreamAsync(clock);
        using var stop = new CancellationTokenSource();
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, connection.Silence);

        var filling = connection.FillAsync(stop.Token).AsTask();
        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(TimeSpan.FromSeconds(5), connection.Silence);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filling);
        Assert.Equal(TimeSpan.Zero, connection.Silence);
    }

    [Fact]
    public async Task Closing_throws_nothing_whatever_the_stream_does()
    {
        var (backend, connection) = await FakeBackend.StreamAsync([]);
        backend.IsBroken = true;
        await connection.DisposeAsync();
        backend.IsBroken = false;
        var sent = backend.Received.Length;
        await connection.DisposeAsync();
        Assert.Equal(sent, backend.Received.Length);

        var (_, unknown) = await FakeBackend.StreamAsync(WireBytes.Of('d').Int32(-5).Raw([]).ToArray());
        await unknown.DisposeAsync();
    }

    [Fact]
    public async Task Stream_that_the_server_ends_is_unreachable()
    {
        var (_, connection) = await FakeBackend.StreamAsync(new WireBytes().AsMessage('c'));

        await AssertEndsAsync(connection, ErrorCodes.SourceUnreachable);
    }

    [Theory]
    [InlineData("42704", 2006)]
    [InlineData("55006", 2005)]
    [InlineData("55000", 2007)]
    public async Task Stream_that_cannot_start_leaves_a_session_for_commands(string sqlState, int code)
    {
        var row = new WireBytes().Int16(1).Int32(2).Raw("7s"u8).AsMessage('D');
        var description = new WireBytes().Int16(1).Text("wal_sender_timeout").Raw(new byte[18]).AsMessage('T');
        var backend = new FakeBackend(
            [.. FakeBackend.Greeting, .. FakeBackend.Error(sqlState), .. FakeBackend.Ready, .. description, .. row, .. FakeBackend.Ready]);
        await using var connection = await backend.OpenAsync();

        var error = await Assert.ThrowsAsync<CdcException>(() => connection.StartStreamAsync("s", Lsn.Zero, ["p"], Token));

        Assert.Equal(code, error.Code.Number);
        Assert.Equal("7s", (await connection.QueryAsync("SHOW wal_sender_timeout", Token)).Single("wal_sender_timeout"));
    }

    [Fact]
    public async Task Answer_that_is_malformed_is_refused()
    {
        foreach (var answer in (byte[][])
            [
                new WireBytes().Byte(0).AsMessage('T'),
                new WireBytes().Int16(2).Text("a").Raw(new byte[18]).AsMessage('T'),
                new WireBytes().Int16(1).Int32(1).Byte(0).AsMessage('D'),
                [.. new WireBytes().Int16(1).Text("a").Raw(new byte[18]).AsMessage('T'),
                    .. new WireBytes().Int16(1).Int32(5).Byte(0).AsMessage('D')],
                new WireBytes().Byte(0).AsMessage('G'),
                [.. new WireBytes().Int16(1).Text("timeline").Raw(new byte[18]).AsMessage('T'),
                    .. new WireBytes().Int16(1).Int32(1).Raw("x"u8).AsMessage('D'), .. FakeBackend.Ready],
            ])
        {
            await using var connection = await new FakeBackend([.. FakeBackend.Greeting, .. answer]).OpenAsync();
            var error = await Assert.ThrowsAsync<CdcException>(() => connection.IdentifySystemAsync(Token));
            Assert.Equal(ErrorCodes.SourceProtocolViolation, error.Code);
        }
    }

    [Fact]
    public async Task Status_tells_the_three_positions()
    {
        var (backend, connection) = await FakeBackend.StreamAsync([]);

        await connection.SendStatusAsync(new Lsn(3), new Lsn(2), new Lsn(1), true, Token);

        var status = backend.Received[^39..];
        Assert.Equal("d\0\0\0\u0026r", status[..6]);
        Assert.Equal("\0\0\0\0\0\0\0\u0003\0\0\0\0\0\0\0\u0002\0\0\0\0\0\0\0\u0001", status[6..30]);
        Assert.Equal('\u0001', status[38]);
    }

    [Fact]
    public async Task Nothing_is_sent_after_a_write_that_failed()
    {
        var (backend, connection) = await FakeBackend.StreamAsync([]);
        backend.IsBroken = true;
        await Assert.ThrowsAsync<CdcException>(() => connection.SendStatusAsync(default, default, default, false, Token));
        backend.IsBroken = false;
        var sent = backend.Received.Length;

        var error = await Assert.ThrowsAsync<CdcException>(() => connection.SendStatusAsync(default, default, default, false, Token));

        Assert.Equal(ErrorCodes.SourceUnreachable, error.Code);
        Assert.Equal(sent, backend.Received.Length);
    }

    [Fact]
    public async Task Closing_ends_the_stream_before_the_session()
    {
        byte[] end = [.. new WireBytes().AsMessage('c'), .. new WireBytes().Text("COPY 0").AsMessage('C'), .. FakeBackend.Ready];
        var (backend, connection) = await FakeBackend.StreamAsync([.. FakeBackend.XLogData(1, "x"u8), .. end]);

        await connection.DisposeAsync();

        Assert.EndsWith("c\0\0\0\u0004X\0\0\0\u0004", backend.Received, StringComparison.Ordinal);
    }

    private static async Task<List<string>> ReadAsync(ReplicationConnection connection, int count)
    {
        var frames = new List<string>();
        while (frames.Count < count)
        {
            while (frames.Count < count && connection.TryReadFrame(out var frame))
                frames.Add($"{frame.Kind} {frame.WalStart} {frame.WalEnd} {frame.ReplyRequested} {Convert.ToHexString(frame.Payload)}");
            if (frames.Count < count)
                await connection.FillAsync(Token);
        }

        return frames;
    }

    private static async Task AssertEndsAsync(ReplicationConnection connection, ErrorCode code)
    {
        var error = await Assert.ThrowsAsync<CdcException>(() => ReadAsync(connection, 1));
        Assert.Equal(code, error.Code);
    }
}

using System.Text;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Security;

namespace Cdc.Capture.Tests.Postgres.Replication;

/// <summary>
/// A server made of bytes: hands out what it was given, in pieces of any size, then closes, or says nothing more. What the client sends is
/// kept.
/// </summary>
internal sealed class FakeBackend(byte[] answers, int pieceBytes = int.MaxValue) : Stream
{
    private readonly MemoryStream received = new();
    private readonly TaskCompletionSource statusSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int position;

    /// <summary>Ends when the first standby status has come.</summary>
    public Task StatusSent => statusSent.Task;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>When set, sending fails as on a connection that broke.</summary>
    public bool IsBroken { get; set; }

    /// <summary>When set, the end of the bytes is not the end of the connection.</summary>
    public bool StaysSilent { get; init; }

    /// <summary>What the client sent, each byte as one character.</summary>
    public string Received => Encoding.Latin1.GetString(received.ToArray());

    /// <summary>The messages by which a server lets anyone in.</summary>
    public static byte[] Greeting =>
    [
        .. new WireBytes().Int32(0).AsMessage('R'),
        .. new WireBytes().Text("server_version").Text("15.8 (Debian)").AsMessage('S'),
        .. new WireBytes().Text("client_encoding").Text("UTF8").AsMessage('S'),
        .. new WireBytes().Text("DateStyle").Text("ISO, MDY").AsMessage('S'),
        .. new WireBytes().Int32(1).Int32(2).AsMessage('K'),
        .. Ready,
    ];

    public static byte[] Ready => new WireBytes().Byte('I').AsMessage('Z');

    public static byte[] CopyBoth => new WireBytes().Byte(0).Int16(0).AsMessage('W');

    public static PostgresOptions Options(string? password = null) => new()
    {
        Host = "db.example",
        Database = "shop",
        User = "alice",
        Password = password is null ? null : new Secret(password),
        Tls = new TlsOptions { Mode = TlsMode.Disable },
    };

    public static byte[] Error(string sqlState, string message = "it did not work", string severity = "ERROR") =>
        new WireBytes().Byte('S').Text("FEHLER").Byte('V').Text(severity).Byte('C').Text(sqlState).Byte('M').Text(message).Byte('?')
            .Text("new").Byte(0).AsMessage('E');

    public static byte[] XLogData(long start, ReadOnlySpan<byte> payload) =>
        WireBytes.Of('w').Int64(start).Int64(start).Int64(0).Raw(payload).AsMessage('d');

    public static byte[] Keepalive(long end, bool replyRequested) =>
        WireBytes.Of('k').Int64(end).Int64(0).Byte(replyRequested ? 1 : 0).AsMessage('d');

    public Task<ReplicationConnection> OpenAsync(PostgresOptions? options = null, bool isLocal = false, TimeProvider? time = null) =>
        ReplicationConnection.OpenAsync(this, isLocal, options ?? Options(), "test", time ?? TimeProvider.System,
            TestContext.Current.CancellationToken);

    /// <summary>A connection in the midst of a stream of which nothing comes for now.</summary>
    public static async Task<(FakeBackend Backend, ReplicationConnection Connection)> SilentStreamAsync(TimeProvider time)
    {
        var backend = new FakeBackend([.. Greeting, .. CopyBoth]) { StaysSilent = true };
        var connection = await backend.OpenAsync(time: time);
        await connection.StartStreamAsync("s", new Lsn(0x1_0000_0020), ["p"], TestContext.Current.CancellationToken);
        return (backend, connection);
    }

    /// <summary>A connection in the midst of a stream that consists of these messages.</summary>
    public static async Task<(FakeBackend Backend, ReplicationConnection Connection)> StreamAsync(
        byte[] messages, int pieceBytes = int.MaxValue)
    {
        var backend = new FakeBackend([.. Greeting, .. CopyBoth, .. messages], pieceBytes);
        var connection = await backend.OpenAsync();
        await connection.StartStreamAsync("s", new Lsn(0x1_0000_0020), ["p"], TestContext.Current.CancellationToken);
        return (backend, connection);
    }

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(Math.Min(buffer.Length, pieceBytes), answers.Length - position);
        answers.AsSpan(position, count).CopyTo(buffer);
        position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (StaysSilent && position == answers.Length)
        {
            await closed.Task.WaitAsync(cancellationToken);
            throw new IOException("Closed by this side.");
        }

        return Read(buffer.Span);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (IsBroken)
            throw new IOException("Broken.");
        received.Write(buffer, offset, count);
        if (buffer[offset] == (byte)'d')
            statusSent.TrySetResult();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.ToArray(), 0, buffer.Length);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        closed.TrySetResult();
        base.Dispose(disposing);
    }
}

using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>Both directions of one connection: one thread reads, any number write, one after the other.</summary>
internal sealed class MessageChannel(Stream stream, string server) : IAsyncDisposable
{
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly byte[] status = new byte[FrontendMessages.StatusUpdateBytes];
    private bool torn;

    public MessageReader Reader { get; } = new(stream, server);

    public string Server => server;

    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await WriteAsync(message, cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    public async Task SendStatusAsync(
        Lsn written, Lsn flushed, Lsn applied, long time, bool replyRequested, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            FrontendMessages.WriteStatusUpdate(status, written, flushed, applied, time, replyRequested);
            await WriteAsync(status, cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    /// <summary>What a failed or cancelled write left behind may be half a message: nothing can be sent after it.</summary>
    private async Task WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (torn)
            throw Gone(null);
        torn = true;
        try
        {
            await stream.WriteAsync(message, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw Gone(exception);
        }

        torn = false;
    }

    private CdcException Gone(Exception? inner) =>
        new(ErrorCodes.SourceUnreachable, $"Sending to '{server}' found the connection broken, expected it to be open.", inner);
}

using System.Threading.Channels;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// Tells the server, on a loop of its own, up to where everything is durable. It runs beside the reading and never waits for anyone who
/// takes changes: a full pipeline must not cost the connection.
/// </summary>
public sealed class StandbyFeedback(ReplicationConnection connection, TimeSpan interval, TimeProvider time)
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ulong confirmed;
    private int asks;

    /// <summary>Called after each status that was sent.</summary>
    public Action? OnSent { get; init; }

    /// <summary>The position that is told.</summary>
    public Lsn Confirmed => new(Volatile.Read(ref confirmed));

    /// <summary>A third of the server's timeout, so that two may be lost; at most 10 s, also where the server has none (zero).</summary>
    public static TimeSpan IntervalFor(TimeSpan senderTimeout) =>
        senderTimeout > TimeSpan.Zero && senderTimeout / 3 < LongestInterval ? senderTimeout / 3 : LongestInterval;

    /// <summary>
    /// Everything before <paramref name="position"/> is durable and may be forgotten by the server (Invariant 1). It is told with the
    /// next status; an earlier position than before changes nothing. One caller at a time.
    /// </summary>
    public void Confirm(Lsn position)
    {
        if (position > Confirmed)
            Volatile.Write(ref confirmed, position.Value);
    }

    /// <summary>Sends a status at once: the server asked for one, or waits for the position. Never blocks.</summary>
    public void Signal() => bell.Writer.TryWrite(true);

    /// <summary>Sends a status at once that asks the server for its own position in return. Never blocks.</summary>
    public void Ask()
    {
        Volatile.Write(ref asks, 1);
        Signal();
    }

    /// <summary>Sends until cancelled. Throws <c>CDC-2001</c> when the connection is lost.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var timer = time.CreateTimer(_ => Signal(), null, interval, interval);
        while (true)
        {
            await bell.Reader.ReadAsync(cancellationToken);
            var position = Confirmed;
            await connection.SendStatusAsync(position, position, position, Interlocked.Exchange(ref asks, 0) == 1, cancellationToken);
            OnSent?.Invoke();
        }
    }
}

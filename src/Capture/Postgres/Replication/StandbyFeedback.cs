using System.Globalization;
using System.Threading.Channels;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// Tells the server, on a loop of its own, up to where everything is durable. It runs beside the reading and never waits for anyone who
/// takes changes: a full pipeline must not cost the connection. It also notices a server that says nothing any more.
/// </summary>
public sealed class StandbyFeedback(ReplicationConnection connection, TimeSpan interval, TimeProvider time)
{
    /// <summary>
    /// Commits may wait for a position to be told (<c>synchronous_standby_names</c>); more often it would only cost both sides.
    /// </summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> bell =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ulong confirmed;
    private ulong told;
    private long toldAt;
    private int isAnnounced;
    private int isDue;
    private int asks;
    private volatile ITimer? later;

    /// <summary>Called after each status that was sent.</summary>
    public Action? OnSent { get; init; }

    /// <summary>For how long nothing may come.</summary>
    public TimeSpan Patience { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Told whether anything comes.</summary>
    public ReceivePatience Receiving { get; init; } = new();

    /// <summary>The position that is told.</summary>
    public Lsn Confirmed => new(Volatile.Read(ref confirmed));

    /// <summary>A third of the server's timeout, so that two may be lost; at most 10 s, also where the server has none (zero).</summary>
    public static TimeSpan IntervalFor(TimeSpan senderTimeout) =>
        senderTimeout > TimeSpan.Zero && senderTimeout / 3 < LongestInterval ? senderTimeout / 3 : LongestInterval;

    /// <summary>
    /// Everything before <paramref name="position"/> is durable and may be forgotten by the server (Invariant 1). It is told soon, with
    /// what follows within a tenth of a second; an earlier position than before changes nothing. Never blocks. One caller at a time.
    /// </summary>
    public void Confirm(Lsn position)
    {
        if (position <= Confirmed)
            return;
        Volatile.Write(ref confirmed, position.Value);
        Receiving.Hear();
        if (Interlocked.Exchange(ref isAnnounced, 1) == 1)
            return;
        var since = time.GetElapsedTime(Volatile.Read(ref toldAt));
        if (since >= Pace || later is not { } timer)
            Ring();
        else
            timer.Change(Pace - since, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends a status at once: the server asked for one, or waits for the position. Never blocks.</summary>
    public void Signal()
    {
        Volatile.Write(ref isDue, 1);
        Ring();
    }

    /// <summary>Sends a status at once that asks the server for its own position in return. Never blocks.</summary>
    public void Ask()
    {
        Volatile.Write(ref asks, 1);
        Signal();
    }

    /// <summary>Sends until cancelled. Throws <c>CDC-2001</c> when the connection is lost, or the server silent for too long.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var soon = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var timer = time.CreateTimer(_ => Signal(), null, interval, interval);
        later = soon;
        while (true)
        {
            await bell.Reader.ReadAsync(cancellationToken);
            var isSilent = IsSilent();
            Interlocked.Exchange(ref isAnnounced, 0);
            var position = Confirmed;
            if (Interlocked.Exchange(ref isDue, 0) == 0 && position.Value == told)
                continue;
            var isAsked = Interlocked.Exchange(ref asks, 0) == 1;
            await connection.SendStatusAsync(position, position, position, isAsked || isSilent, cancellationToken);
            told = position.Value;
            Volatile.Write(ref toldAt, time.GetTimestamp());
            OnSent?.Invoke();
        }
    }

    /// <summary>Whether nothing came for a while, so that a reply is asked for; throws where none came for too long.</summary>
    private bool IsSilent()
    {
        var silence = connection.Silence;
        if (Patience <= TimeSpan.Zero || silence < Patience)
            return silence >= interval;
        Receiving.GiveUp();
        throw new CdcException(ErrorCodes.SourceUnreachable, string.Create(CultureInfo.InvariantCulture,
            $"Streaming from '{connection.Server}' nothing arrived for {silence.TotalSeconds:0} s, and the server did not reply when " +
            $"asked; expected is a reply within {Patience.TotalSeconds:0} s."));
    }

    private void Ring() => bell.Writer.TryWrite(true);
}

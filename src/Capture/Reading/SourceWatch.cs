namespace Cdc.Capture.Reading;

/// <summary>
/// Looks at the source from time to time: what can be seen there, so that few recent transactions are kept; and a message into its log, so
/// that the stream moves on. One look at a time.
/// </summary>
public sealed class SourceWatch(ISnapshotReader reader, TableSnapshots reads, ReadPace pace, TimeProvider clock)
{
    private Task<SourcePulse>? looking;
    private long lookedAt = clock.GetTimestamp();
    private long beatAt = clock.GetTimestamp();
    private long? waitsSince;
    private long askedAt;

    /// <summary>Whose transaction tables have waited for so long that people should know; null for nobody's.</summary>
    public string? Oldest { get; private set; }

    /// <summary>The look under way.</summary>
    public Task Looking => looking ?? Task.CompletedTask;

    /// <summary>When to come again at the latest.</summary>
    public TimeSpan Next => reads.WantsPulse ? ReadPace.Look : Shortest(ReadPace.IdleLook, pace.Heartbeat);

    /// <summary>Takes a look that is done, and begins one that is due.</summary>
    /// <param name="isStuck">A chunk waits for the stream, which does not come on.</param>
    public async ValueTask AdvanceAsync(bool isStuck, CancellationToken cancellationToken)
    {
        if (looking is { IsCompleted: true })
        {
            var pulse = await looking;
            looking = null;
            reads.Pulse(pulse.Sight, pulse.Position);
            Oldest = pulse.Oldest ?? (reads.AwaitsTransactions ? Oldest : null);
        }

        if (looking is null && KindDue(isStuck) is { } kind)
            looking = LookAsync(kind, cancellationToken);
    }

    private PulseKind? KindDue(bool isStuck)
    {
        var sinceLook = clock.GetElapsedTime(lookedAt);
        if (isStuck && sinceLook >= ReadPace.Patience)
            return PulseKind.Flush;
        if (pace.Heartbeat > TimeSpan.Zero && clock.GetElapsedTime(beatAt) >= pace.Heartbeat)
            return PulseKind.Heartbeat;
        if (sinceLook < (reads.WantsPulse ? ReadPace.Look : ReadPace.IdleLook))
            return null;
        return IsBlameDue() ? PulseKind.Oldest : PulseKind.Look;
    }

    /// <summary>Whose transaction it is, is asked now and then while tables wait for one.</summary>
    private bool IsBlameDue()
    {
        if (!reads.AwaitsTransactions)
            waitsSince = null;
        else
            waitsSince ??= clock.GetTimestamp();
        if (waitsSince is not { } since || clock.GetElapsedTime(since) < ReadPace.TellsAfter
            || clock.GetElapsedTime(askedAt) < ReadPace.IdleLook)
            return false;
        askedAt = clock.GetTimestamp();
        return true;
    }

    private Task<SourcePulse> LookAsync(PulseKind kind, CancellationToken cancellationToken)
    {
        lookedAt = clock.GetTimestamp();
        if (kind == PulseKind.Heartbeat)
            beatAt = lookedAt;
        return Task.Run(() => reader.PulseAsync(kind, cancellationToken), cancellationToken);
    }

    private static TimeSpan Shortest(TimeSpan one, TimeSpan other) => other > TimeSpan.Zero && other < one ? other : one;
}

using Cdc.Contracts.Health;

namespace Cdc.Contracts.Tests.Health;

public sealed class LagClockTests
{
    private readonly SteppedClock clock = new();
    private readonly LagClock lag;

    public LagClockTests() => lag = new LagClock(clock);

    [Fact]
    public void Nothing_is_known_before_the_first_look()
    {
        lag.Reach(100, 0);

        Assert.Null(lag.Lag);
        Assert.Null(lag.Distance);
    }

    [Fact]
    public void Who_has_caught_up_is_not_behind_however_long_ago_the_last_change_was()
    {
        lag.See(100);
        lag.Reach(100, 0);
        clock.Advance(TimeSpan.FromHours(5));

        Assert.Equal((0UL, TimeSpan.Zero), (lag.Distance, lag.Lag));
        lag.See(100);
        Assert.Equal(TimeSpan.Zero, lag.Lag);
    }

    [Fact]
    public void Lag_counts_from_the_oldest_look_that_is_not_reached()
    {
        lag.Reach(100, 0);
        lag.See(100);
        clock.Advance(TimeSpan.FromSeconds(10));
        lag.See(200);
        clock.Advance(TimeSpan.FromSeconds(10));
        lag.See(300);
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal((200UL, TimeSpan.FromSeconds(20)), (lag.Distance, lag.Lag));
        lag.Reach(250, 0);
        Assert.Equal((50UL, TimeSpan.FromSeconds(10)), (lag.Distance, lag.Lag));
        lag.Reach(300, 0);
        Assert.Equal((0UL, TimeSpan.Zero), (lag.Distance, lag.Lag));
    }

    [Fact]
    public void A_commit_between_two_looks_is_more_exact_and_one_from_elsewhere_is_not_believed()
    {
        lag.Reach(100, 0);
        lag.See(100);
        clock.Advance(TimeSpan.FromSeconds(10));
        lag.See(200);
        lag.Reach(150, Microseconds(clock.GetUtcNow() - TimeSpan.FromSeconds(4)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(5), lag.Lag);

        lag.Reach(160, Microseconds(clock.GetUtcNow() - TimeSpan.FromDays(3)));
        Assert.Equal(TimeSpan.FromSeconds(1), lag.Lag);
        lag.Reach(170, Microseconds(clock.GetUtcNow() + TimeSpan.FromDays(3)));
        Assert.Equal(TimeSpan.FromSeconds(1), lag.Lag);
    }

    // Invariant 7
    [Fact]
    public void A_long_outage_keeps_its_beginning_and_takes_no_more_memory()
    {
        lag.Reach(1, 0);
        for (ulong look = 0; look < 20_000; look++)
        {
            lag.See(look + 10);
            clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(TimeSpan.FromSeconds(40_000), lag.Lag);
        lag.Reach(10_010, 0);
        Assert.InRange(lag.Lag!.Value.TotalSeconds, 19_000, 20_001);
    }

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed class SteppedClock : TimeProvider
    {
        private DateTimeOffset now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => now;

        public void Advance(TimeSpan time) => now += time;
    }
}

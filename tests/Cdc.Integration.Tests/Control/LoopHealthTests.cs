using Cdc.Contracts.Health;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Control;

public sealed class LoopHealthTests
{
    private readonly SteppedClock clock = new();

    [Fact]
    public void A_loop_that_does_not_tick_in_time_is_stuck_until_it_ticks()
    {
        var health = new LoopHealth(clock);
        using var loop = health.Register("loop", TimeSpan.FromSeconds(10));

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(health.FindStuck());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["loop"], health.FindStuck());
        loop.Tick();
        Assert.Empty(health.FindStuck());
    }

    [Fact]
    public void A_declared_wait_may_take_any_time_and_its_end_is_a_tick()
    {
        var health = new LoopHealth(clock);
        using var loop = health.Register("loop", TimeSpan.FromSeconds(10));

        using (loop.Wait("the slot"))
        {
            clock.Advance(TimeSpan.FromDays(1));
            Assert.Empty(health.FindStuck());
            Assert.Equal("the slot", loop.WaitingFor);
        }

        Assert.Empty(health.FindStuck());
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(["loop"], health.FindStuck());
    }

    [Fact]
    public void A_loop_that_ended_is_not_asked_for()
    {
        var health = new LoopHealth(clock);
        health.Register("loop", TimeSpan.FromSeconds(10)).Dispose();
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Empty(health.FindStuck());
    }
}

using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class StandbyFeedbackTests
{
    [Theory]
    [InlineData(0, 10_000)]
    [InlineData(60_000, 10_000)]
    [InlineData(30_000, 10_000)]
    [InlineData(6_000, 2_000)]
    [InlineData(300, 100)]
    public void Interval_is_a_third_of_the_server_s_patience(int senderTimeout, int interval) =>
        Assert.Equal(TimeSpan.FromMilliseconds(interval), StandbyFeedback.IntervalFor(TimeSpan.FromMilliseconds(senderTimeout)));

    // Invariant 1
    [Fact]
    public async Task Confirmed_position_never_goes_back()
    {
        var (_, connection) = await FakeBackend.StreamAsync([]);
        var feedback = new StandbyFeedback(connection, TimeSpan.FromHours(1), TimeProvider.System);
        feedback.Confirm(new Lsn(20));
        feedback.Confirm(new Lsn(10));

        Assert.Equal(new Lsn(20), feedback.Confirmed);
    }

    [Fact]
    public async Task Signal_sends_the_confirmed_position_while_nobody_reads()
    {
        var (backend, connection) = await FakeBackend.StreamAsync([]);
        var feedback = new StandbyFeedback(connection, TimeSpan.FromHours(1), TimeProvider.System);
        feedback.Confirm(new Lsn(0x41));
        using var stop = new CancellationTokenSource();
        feedback.Signal();
        feedback.Signal();
        var before = backend.Received.Length;

        var running = feedback.RunAsync(stop.Token);
        await backend.StatusSent;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        var status = backend.Received[before..];
        Assert.Equal(39, status.Length);
        Assert.Equal("\0\0\0\0\0\0\0A\0\0\0\0\0\0\0A\0\0\0\0\0\0\0A", status[6..30]);
    }

    [Fact]
    public async Task Timer_sends_without_being_asked()
    {
        var (backend, connection) = await FakeBackend.StreamAsync([]);
        var time = new ManualTimers();
        using var stop = new CancellationTokenSource();
        var before = backend.Received.Length;

        var running = new StandbyFeedback(connection, TimeSpan.FromSeconds(7), time).RunAsync(stop.Token);
        Assert.Equal(TimeSpan.FromSeconds(7), time.Period);
        time.Ring();
        await backend.StatusSent;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal(39, backend.Received.Length - before);
    }

    [Fact]
    public async Task Each_status_is_a_sign_of_life_and_without_one_the_loop_is_stuck()
    {
        var (backend, connection) = await FakeBackend.StreamAsync([]);
        var clock = new SteppedClock();
        var health = new LoopHealth(clock);
        using var loop = health.Register("feedback", LoopHealth.UsualPatience);
        var sent = new SemaphoreSlim(0);
        var time = new ManualTimers();
        var feedback = new StandbyFeedback(connection, TimeSpan.FromSeconds(7), time)
        {
            OnSent = () =>
            {
                loop.Tick();
                sent.Release();
            },
        };
        using var stop = new CancellationTokenSource();
        var running = feedback.RunAsync(stop.Token);

        for (var round = 0; round < 3; round++)
        {
            clock.Advance(LoopHealth.UsualPatience);
            Assert.Empty(health.FindStuck());
            time.Ring();
            await sent.WaitAsync(TestContext.Current.CancellationToken);
        }

        clock.Advance(LoopHealth.UsualPatience + TimeSpan.FromSeconds(1));
        Assert.Equal(["feedback"], health.FindStuck());
        time.Ring();
        await sent.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Empty(health.FindStuck());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Lost_connection_ends_the_loop()
    {
        var (backend, connection) = await FakeBackend.StreamAsync([]);
        backend.IsBroken = true;
        var feedback = new StandbyFeedback(connection, TimeSpan.FromHours(1), TimeProvider.System);
        feedback.Signal();

        var error = await Assert.ThrowsAsync<CdcException>(() => feedback.RunAsync(TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCodes.SourceUnreachable, error.Code);
    }

    private sealed class ManualTimers : TimeProvider
    {
        private Action ring = () => { };

        public TimeSpan Period { get; private set; }

        public void Ring() => ring();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ring = () => callback(state);
            Period = period;
            return new Timer(_ => { }, null, Timeout.Infinite, Timeout.Infinite);
        }
    }
}

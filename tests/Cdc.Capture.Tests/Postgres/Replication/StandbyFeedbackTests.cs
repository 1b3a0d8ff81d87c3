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

    // Commits at the source may wait for it.
    [Fact]
    public async Task Durable_position_is_told_at_once_and_those_that_follow_together()
    {
        var (backend, connection) = await FakeBackend.StreamAsync([]);
        var time = new ManualTimers();
        time.Advance(TimeSpan.FromSeconds(1));
        var sent = new SemaphoreSlim(0);
        var feedback = new StandbyFeedback(connection, TimeSpan.FromSeconds(7), time) { OnSent = () => sent.Release() };
        using var stop = new CancellationTokenSource();
        var running = feedback.RunAsync(stop.Token);
        var before = backend.Received.Length;

        feedback.Confirm(new Lsn(10));
        await sent.WaitAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMilliseconds(30));
        for (var position = 11UL; position <= 20; position++)
            feedback.Confirm(new Lsn(position));
        Assert.Equal([TimeSpan.FromMilliseconds(70)], time.Once);
        time.RingOnce();
        await sent.WaitAsync(TestContext.Current.CancellationToken);
        time.RingOnce();
        time.Ring();
        await sent.WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        var statuses = backend.Received[before..];
        Assert.Equal(3 * 39, statuses.Length);
        Assert.Equal([10, 20, 20], [statuses[13], statuses[39 + 13], statuses[78 + 13]]);
    }

    [Fact]
    public async Task Silent_server_is_asked_for_a_reply_and_left_when_none_comes()
    {
        var time = new ManualTimers();
        var (backend, connection) = await FakeBackend.SilentStreamAsync(time);
        var sent = new SemaphoreSlim(0);
        var receiving = new ReceivePatience();
        var feedback = new StandbyFeedback(connection, TimeSpan.FromSeconds(10), time)
        {
            OnSent = () => sent.Release(), Patience = receiving.For(TimeSpan.FromSeconds(30)), Receiving = receiving,
        };
        var running = feedback.RunAsync(TestContext.Current.CancellationToken);
        var filling = connection.FillAsync(TestContext.Current.CancellationToken).AsTask();

        time.Ring();
        await sent.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal('\0', backend.Received[^1]);
        time.Advance(TimeSpan.FromSeconds(10));
        time.Ring();
        await sent.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal('\u0001', backend.Received[^1]);
        time.Advance(TimeSpan.FromSeconds(20));
        time.Ring();

        var error = await Assert.ThrowsAsync<CdcException>(() => running.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(ErrorCodes.SourceUnreachable, error.Code);
        Assert.False(filling.IsCompleted);
        connection.Abort();
        await Assert.ThrowsAsync<CdcException>(() => filling);

        // A server that is only busy would start over for ever.
        Assert.Equal(TimeSpan.FromSeconds(60), receiving.For(TimeSpan.FromSeconds(30)));
        receiving.Hear();
        Assert.Equal(TimeSpan.FromSeconds(30), receiving.For(TimeSpan.FromSeconds(30)));
        Assert.Equal(TimeSpan.FromSeconds(60), receiving.For(TimeSpan.Zero));
    }

    /// <summary>Elapsed time and timers move only when a test says so.</summary>
    private sealed class ManualTimers : TimeProvider
    {
        private long ticks;
        private Action ring = () => { };
        private Action ringOnce = () => { };

        public TimeSpan Period { get; private set; }

        /// <summary>When the timer that rings once was to ring, each time that it was set.</summary>
        public List<TimeSpan> Once { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref ticks);

        public void Advance(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);

        public void Ring() => ring();

        public void RingOnce() => ringOnce();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (period == Timeout.InfiniteTimeSpan)
            {
                ringOnce = () => callback(state);
                return new SetTimer(Once);
            }

            ring = () => callback(state);
            Period = period;
            return new SetTimer([]);
        }

        private sealed class SetTimer(List<TimeSpan> set) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                set.Add(dueTime);
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}

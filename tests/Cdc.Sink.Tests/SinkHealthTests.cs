using Cdc.Contracts.Health;
using Cdc.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Sink.Tests;

/// <summary>
/// What the sink's loop tells of itself: it ticks, it waits for its target as long as that takes, and it is stuck where the log does not
/// answer.
/// </summary>
public sealed class SinkHealthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sink_may_wait_for_its_target_and_is_stuck_when_the_log_does_not_answer()
    {
        var clock = new SteppedClock();
        var health = new LoopHealth(clock);
        using var target = new Gate();
        using var notes = new Gate();
        await using var log = new GatedLog(new MemoryTopicLog { LogId = EmptyTarget.Log }, notes);
        var role = new SinkRole(
            new SinkOptions { Name = "warehouse" }, log, new NoRegistry(), () => new EmptyTarget(target.PassAsync), TimeProvider.System,
            NullLogger.Instance) { Health = health };
        using var stop = new CancellationTokenSource();
        var running = role.RunAsync(stop.Token);

        await notes.EnteredAsync(Token);
        clock.Advance(LoopHealth.UsualPatience);
        Assert.Empty(health.FindStuck());
        notes.Open();
        await target.EnteredAsync(Token);
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(health.FindStuck()); // It waits for its target.
        target.Open();

        for (var round = 0; round < 2; round++)
        {
            await notes.EnteredAsync(Token);
            Assert.Empty(health.FindStuck()); // It ticked since.
            clock.Advance(LoopHealth.UsualPatience + TimeSpan.FromSeconds(1));
            Assert.Equal(["sink 'warehouse'"], health.FindStuck());
            notes.Open();
        }

        await stop.CancelAsync();
        await running;
        Assert.Empty(health.FindStuck());
    }

    /// <summary>Whoever comes is told of, and continues when it is opened for him.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly SemaphoreSlim entered = new(0);
        private readonly SemaphoreSlim opened = new(0);

        public Task EnteredAsync(CancellationToken cancellationToken) => entered.WaitAsync(cancellationToken);

        public void Open() => opened.Release();

        public async Task PassAsync(CancellationToken cancellationToken)
        {
            entered.Release();
            await opened.WaitAsync(cancellationToken);
        }

        public void Dispose()
        {
            entered.Dispose();
            opened.Dispose();
        }
    }

    private sealed class GatedLog(MemoryTopicLog log, Gate notes) : WrappedLog(log)
    {
        public override async ValueTask<IReadOnlyList<string>> ListPrefixesAsync(CancellationToken cancellationToken)
        {
            await notes.PassAsync(cancellationToken);
            return await base.ListPrefixesAsync(cancellationToken);
        }
    }
}

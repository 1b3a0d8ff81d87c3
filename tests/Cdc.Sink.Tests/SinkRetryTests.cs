using Cdc.Contracts.Errors;
using Cdc.Testing;
using Microsoft.Extensions.Logging;

namespace Cdc.Sink.Tests;

/// <summary>A target that does not answer is let alone longer and longer, and the log tells of it no more often.</summary>
public sealed class SinkRetryTests
{
    private const int Growing = 7; // 0.1 s doubled until 5 s.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pauses_grow_up_to_5_seconds_are_short_again_after_a_success_and_are_told_while_they_grow()
    {
        var clock = new PassingClock();
        var lines = new Lines();
        var target = new Target([.. Enumerable.Repeat("down", 40), null, .. Enumerable.Repeat("down", 3), null]);
        var role = await RunAsync(target, clock, lines);

        Assert.Equal(43, clock.Pauses.Count);
        Assert.All(clock.Pauses.Select((pause, i) => (pause, i)), seen =>
        {
            var whole = TimeSpan.FromMilliseconds(Math.Min(5_000, 100 * Math.Pow(2, seen.i < 40 ? seen.i : seen.i - 40)));
            Assert.InRange(seen.pause, whole / 2, whole);
        });
        Assert.Equal(
            [.. Enumerable.Repeat("Retrying", Growing), "Resumed", .. Enumerable.Repeat("Retrying", 3), "Resumed"],
            lines.Names);
        Assert.Null(role.Progress.Waiting);
        Assert.Equal(43, role.Progress.Errors[ErrorKind.TargetUnreachable]);
    }

    [Fact]
    public async Task Error_that_changes_is_told_at_once_however_long_the_pauses_are()
    {
        var lines = new Lines();
        await RunAsync(new Target([.. Enumerable.Repeat("down", 20), "starting", "starting", "down", null]), new PassingClock(), lines);

        Assert.Equal([.. Enumerable.Repeat("Retrying", Growing + 2), "Resumed"], lines.Names);
    }

    /// <summary>Runs a sink until its target has done all that it is told to do.</summary>
    private static async Task<SinkRole> RunAsync(Target target, TimeProvider clock, ILogger logger)
    {
        await using var log = new RestlessLog(new MemoryTopicLog { LogId = EmptyTarget.Log });
        var role = new SinkRole(new SinkOptions { Name = "warehouse" }, log, new NoRegistry(), () => new EmptyTarget(target.BeginAsync),
            clock, logger);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = role.RunAsync(stop.Token);
        await await Task.WhenAny(running, target.Done);
        await stop.CancelAsync();
        await running;
        return role;
    }

    /// <param name="answers">Why each transaction cannot begin, in order; null where it can.</param>
    private sealed class Target(IReadOnlyList<string?> answers)
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int asked;

        public Task Done => done.Task;

        public async Task BeginAsync(CancellationToken cancellationToken)
        {
            if (asked == answers.Count)
            {
                done.TrySetResult();
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }

            if (answers[asked++] is { } reason)
                throw new CdcException(ErrorCodes.TargetUnreachable,
                    $"Opening the target, it was found {reason}, and an answer was expected.");
        }
    }

    /// <summary>Notes each timer that is asked for, and lets its time pass at once.</summary>
    private sealed class PassingClock : TimeProvider
    {
        public List<TimeSpan> Pauses { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses.Add(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    /// <summary>The names of the lines that were logged.</summary>
    private sealed class Lines : ILogger
    {
        public List<string?> Names { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Names.Add(eventId.Name);
    }

    /// <summary>A log that has other topics each time it is asked, so that the sink asks its target again.</summary>
    private sealed class RestlessLog(MemoryTopicLog log) : WrappedLog(log)
    {
        private long version;

        public override long TopicsVersion => Interlocked.Increment(ref version);
    }
}

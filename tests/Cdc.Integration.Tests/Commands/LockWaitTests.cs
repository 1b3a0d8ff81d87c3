using System.Diagnostics;
using Cdc.Cli.Running;
using Cdc.Contracts.Health;
using Cdc.Hosting;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Integration.Tests.Commands;

public sealed class LockWaitTests
{
    // Invariant 5
    [Fact]
    public async Task A_run_says_that_it_waits_for_who_has_the_log_and_begins_when_it_is_free()
    {
        using var folder = new ConfigurationFolder();
        var held = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);
        using var told = new ReleasingProvider(held);
        var run = await Called.WithAsync(
            async (setup, cancellationToken) =>
            {
                setup.Services.GetRequiredService<ILoggerFactory>().AddProvider(told);
                await using (await Installation.OpenAsync(setup, cancellationToken))
                    return new FakeInstallation((_, _) => Task.CompletedTask);
            }, "run", folder.File);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("lock was found held by another", told.Told, StringComparison.Ordinal);
    }

    // Invariant 5
    [Fact]
    public async Task A_run_waits_for_a_command_that_a_busy_machine_keeps_at_the_log()
    {
        using var folder = new ConfigurationFolder();
        var held = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);
        var clock = new SteppedClock();
        var opening = new EmbeddedLogOpening(new() { Path = folder.LogFolder }, new LoopHealth(clock), clock, NullLogger.Instance)
            .OpenAsync(CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(12));
        var since = Stopwatch.StartNew();
        await Eventually.HoldsAsync("it has tried again", () => opening.IsCompleted || since.Elapsed > TimeSpan.FromSeconds(1));

        Assert.False(opening.IsCompleted, "The run gave up after twelve seconds.");
        await held.DisposeAsync();
        await (await opening).DisposeAsync();
    }

    /// <summary>Gives the log free when it hears that somebody waits for it.</summary>
    private sealed class ReleasingProvider(EmbeddedLog held) : ILoggerProvider, ILogger
    {
        public string Told { get; private set; } = "";

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!string.Equals(eventId.Name, "WaitingForLog", StringComparison.Ordinal))
                return;
            Told += formatter(state, exception);
            held.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        public void Dispose()
        {
        }
    }
}

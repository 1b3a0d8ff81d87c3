using Cdc.Contracts.Health;
using Cdc.Testing;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Tests.Embedded;

public sealed class LogHealthTests
{
    [Fact]
    public async Task A_flush_that_does_not_come_back_is_seen()
    {
        using var folder = new TestFolder();
        var clock = new SteppedClock();
        var health = new LoopHealth(clock);
        var storage = new TestStorage();
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder.Path }, TimeProvider.System, storage, health);
        await using var writer = await JournalSample.OpenWriterAsync(log);
        for (var flushes = storage.Calls.Count(call => string.Equals(call, "flush", StringComparison.Ordinal)); flushes > 0; flushes--)
            await storage.FlushBegunAsync();

        storage.Hold();
        var append = JournalSample.AppendAsync(writer, 1);
        await storage.FlushBegunAsync();
        Assert.Empty(health.FindStuck());
        clock.Advance(LoopHealth.UsualPatience + TimeSpan.FromSeconds(1));
        Assert.Equal(["the log's writer"], health.FindStuck());

        storage.Release();
        await append;
    }
}

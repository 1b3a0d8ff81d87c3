using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>Tests that look at the whole process and run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class Alone
{
    public const string Name = "Alone";
}

/// <summary>Runs a minute, or <c>CDC_STALL_SECONDS</c>: a log that is stalled for a long time while the source continues.</summary>
[Collection(Alone.Name)]
public sealed class LongStallTests
{
    // Invariant 7
    [Fact]
    public async Task Connection_and_memory_outlast_a_long_time_without_an_append()
    {
        await using var server = await StallTests.StartAsync(15, "wal_sender_timeout = '5s'");
        await server.ExecuteAsync("CREATE TABLE wide (id int PRIMARY KEY, text text)", "source");
        using var folder = new TemporaryFolder();
        HeldLog? held = null;
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], over: log => held = new HeldLog(log));
        await pipeline.UntilStreamingAsync();
        held!.Hold();
        await server.ExecuteAsync("INSERT INTO t VALUES (1)", "source");
        await held.Held.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var sender = await StallTests.SenderAsync(server);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await server.ExecuteAsync("INSERT INTO wide SELECT i, repeat(md5(i::text), 16) FROM generate_series(1, 400000) i", "source");
        await StallTests.UntilOldAsync(server, sender, TestSetting.Read("CDC_STALL_SECONDS", 60));

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 64 << 20, $"memory grew by {grown} bytes over 200 MB of changes");
        Assert.Equal(sender, await StallTests.SenderAsync(server));
        held.Release();
        await pipeline.UntilEqualAsync(server, "SELECT count(*) || ' ' || sum(length(text)) FROM public.wide");
        Assert.Equal(sender, await StallTests.SenderAsync(server));
    }
}

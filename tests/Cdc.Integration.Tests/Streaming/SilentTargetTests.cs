using Cdc.Integration.Tests.Rereading;
using Cdc.Sink;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>A target that does not answer any more holds up no end.</summary>
public sealed class SilentTargetTests
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(25);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sink_ends_within_seconds_whatever_its_target_does(bool isDown)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)", "source");
        await using var target = await PostgresServer.StartWithDatabasesAsync();
        using var folder = new TemporaryFolder();
        await using (var bench = new RereadBench(server, folder.Path))
            await bench.CaptureAsync("INSERT INTO t SELECT generate_series(1, 1000)");
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder.Path }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(folder.Path);
        var options = new PostgresTargetOptions
        {
            Host = PostgresServer.Host, Port = target.Port, Database = "target", User = PostgresServer.User,
        };
        var role = new SinkRole(
            new SinkOptions { Name = "warehouse", Postgres = options, Batch = new BatchOptions { Rows = 10 } }, log, registry,
            () => new PostgresTableWriter(options, TimeProvider.System), TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => role.RunAsync(stop.Token));
        await Eventually.HoldsAsync("the first rows are applied", () => running.IsCompleted || role.Progress.Changes > 0,
            TimeSpan.FromSeconds(60));

        await (isDown ? target.StopAsync("immediate") : target.FreezeAsync());
        try
        {
            await stop.CancelAsync();
            await running.WaitAsync(Promise, TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!isDown)
                await target.ThawAsync();
        }
    }
}

using Cdc.Capture;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>Changes of a real source arrive in a real target through the log.</summary>
public sealed class StreamingTests
{
    private const string Orders =
        "SELECT coalesce(string_agg(concat_ws('|', id, customer, total, note), ';' ORDER BY id), '') FROM public.orders";

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Inserts_updates_deletes_and_key_changes_arrive(int major)
    {
        await using var server = await StartAsync(major);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();

        await server.ExecuteAsync("INSERT INTO orders SELECT i, 'c' || i, i * 1.5, repeat('x', i) FROM generate_series(1, 50) i", "source");
        await server.ExecuteAsync(
            "UPDATE orders SET total = 0 WHERE id % 3 = 0; DELETE FROM orders WHERE id % 7 = 0; UPDATE orders SET id = 1000 + id " +
            "WHERE id % 10 = 1", "source");

        await pipeline.UntilEqualAsync(server, Orders);
        await server.ExecuteAsync("TRUNCATE orders; INSERT INTO orders VALUES (1, 'after', 1, NULL)", "source");
        await pipeline.UntilEqualAsync(server, Orders);
        await server.ExecuteAsync("ALTER TABLE orders ADD COLUMN extra text; UPDATE orders SET extra = 'new', note = 'there'", "source");
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id || extra || note, ';') FROM public.orders");
    }

    // Invariant 3
    [Fact]
    public async Task Restarted_pipeline_continues_where_it_was()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        for (var round = 0; round < 3; round++)
        {
            await using var pipeline = RunningPipeline.Start(
                server, folder.Path, ["public.*"],
                options => options with { Snapshot = new SnapshotOptions { Mode = SnapshotMode.Never } });
            await pipeline.UntilStreamingAsync();
            await server.ExecuteAsync($"INSERT INTO orders SELECT {round} * 1000 + i, 'c', i, NULL FROM generate_series(1, 500) i",
                "source");
            await pipeline.UntilEqualAsync(server, Orders);
        }

        Assert.Equal(1500, await server.QueryAsync<long>("SELECT sum(rows)::bigint FROM _cdc.ledger", "target"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Unchanged_long_values_stay_as_they_were(int major)
    {
        await using var server = await StartAsync(major);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilStreamingAsync();

        await server.ExecuteAsync(
            "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL; INSERT INTO orders SELECT i, 'c', i, repeat('long', 5000) " +
            "FROM generate_series(1, 5) i", "source");
        await pipeline.UntilEqualAsync(server, Orders);
        await server.ExecuteAsync("UPDATE orders SET customer = 'changed' WHERE id < 4", "source");

        await pipeline.UntilEqualAsync(server, Orders);
        Assert.Equal(20000, await server.QueryAsync<int>("SELECT min(length(note)) FROM public.orders", "target"));
    }

    private static async Task<PostgresServer> StartAsync(int major = 15)
    {
        var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY, customer text, total numeric(10,2), note text)", "source");
        return server;
    }
}

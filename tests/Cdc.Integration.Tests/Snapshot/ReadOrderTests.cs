using Cdc.Capture;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>
/// A chunk continues behind the last row of the one before: rows come in the order of their places, whatever the planner would rather do.
/// </summary>
public sealed class ReadOrderTests
{
    /// <summary>The rows that the filter takes lie at the end of the table, which has none for many pages.</summary>
    private const string Tenants = """
        CREATE TABLE item (tenant int, id uuid, note text, PRIMARY KEY (tenant, id));
        INSERT INTO item SELECT i % 4, gen_random_uuid(), repeat('x', 100) FROM generate_series(1, 60000) i;
        INSERT INTO item SELECT 5, gen_random_uuid(), 'row ' || i FROM generate_series(1, 20000) i;
        ANALYZE item
        """;

    private const string Question =
        "SELECT count(*) || md5(string_agg(id::text || note, ',' ORDER BY id)) FROM public.item WHERE tenant = 5";

    [Theory]
    [InlineData(15, "random_page_cost = 1.1")]
    [InlineData(18, "random_page_cost = 1.1")]
    [InlineData(15, "enable_seqscan = off", "enable_tidscan = off", "random_page_cost = 1.1")]
    [InlineData(15, "enable_tidscan = off", "enable_indexscan = off", "enable_indexonlyscan = off", "enable_bitmapscan = off",
        "parallel_setup_cost = 0", "parallel_tuple_cost = 0", "min_parallel_table_scan_size = 0", "max_parallel_workers_per_gather = 4")]
    [InlineData(18, "enable_tidscan = off", "enable_indexscan = off", "enable_indexonlyscan = off", "enable_bitmapscan = off",
        "parallel_setup_cost = 0", "parallel_tuple_cost = 0", "min_parallel_table_scan_size = 0", "max_parallel_workers_per_gather = 4")]
    public async Task Filtered_rows_are_all_read(int major, params string[] settings)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major, settings);
        await server.ExecuteAsync(Tenants, "source");
        await server.ExecuteAsync("CREATE PUBLICATION shop FOR TABLE item WHERE (tenant = 5)", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(
            server, folder.Path, ["public.item"], options => options with { Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10 } });

        await pipeline.UntilEqualAsync(server, Question);
    }
}

using System.Globalization;
using Cdc.Capture;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Tables;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Load;

/// <summary>Many tables at a server that lets few sessions in, most of them taken by others.</summary>
public sealed class ManyTablesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Many_tables_take_few_sessions_and_keep_nobody_out(int major)
    {
        var count = TestSetting.Read("CDC_TABLES", 150);
        await using var server = await PostgresServer.StartWithDatabasesAsync(major, "max_connections = 30");
        await server.ExecuteAsync($"""
            CREATE ROLE visitor LOGIN;
            DO $$ BEGIN FOR i IN 1..{count.ToString(CultureInfo.InvariantCulture)} LOOP
                EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, note text)', i);
                EXECUTE format('INSERT INTO t%s SELECT n, ''row '' || n FROM generate_series(1, 5) n', i);
            END LOOP; END $$
            """, "source");
        using var folder = new TemporaryFolder();
        await using var watch = await SessionWatch.StartAsync(server);
        await using var visitors = new Visitors(server, "visitor", 12);
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);

        await Eventually.HoldsAsync("every table is read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Reads.Count(read => read.Value.State == TableState.Complete) == count;
        }, TimeSpan.FromSeconds(180), Token);
        await server.ExecuteAsync(Everywhere(count, number => $"UPDATE t{number} SET note = 'changed' WHERE id = 3"), "source");
        await pipeline.UntilEqualAsync(server, $"SELECT count(*) || md5(string_agg(row, ';' ORDER BY row)) FROM ({Rows(count)}) rows");

        Assert.True(visitors.Visits > 0);
        Assert.Equal(0, visitors.Refused);
        Assert.InRange(watch.Most, 1, SessionPool.LimitFor(new SnapshotOptions().Parallel));
        Assert.Empty(pipeline.Capture.Progress.Errors);
    }

    private static string Everywhere(int count, Func<string, string> statement) =>
        string.Join("; ", Enumerable.Range(1, count).Select(number => statement(number.ToString(CultureInfo.InvariantCulture))));

    private static string Rows(int count) => string.Join(" UNION ALL ", Enumerable.Range(1, count).Select(number =>
        string.Create(CultureInfo.InvariantCulture, $"SELECT concat_ws('|', {number}, id, note)::text AS row FROM public.t{number}")));
}

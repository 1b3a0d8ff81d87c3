using Cdc.Capture.Snapshot;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.DuckDb;
using Cdc.Integration.Tests.Streaming;
using Cdc.Sink;
using Cdc.Sink.Consuming;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>Tables that have no rows, or no columns.</summary>
public sealed class EmptyTablesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Table_without_rows_is_made_in_the_targets()
    {
        TemporaryDuckDb.RequireLibrary();
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE keyed (id int PRIMARY KEY, amount numeric(10, 2), note text);
            CREATE TABLE bag (a int, b text); ALTER TABLE bag REPLICA IDENTITY FULL;
            CREATE TABLE parts (id int PRIMARY KEY, day date) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts DEFAULT;
            CREATE TABLE partless (id int PRIMARY KEY, day date) PARTITION BY RANGE (id)
            """, "source");
        using var folder = new TemporaryFolder();
        using var file = new TemporaryDuckDb();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        var sink = new SinkRole(new SinkOptions { Name = "file" }, pipeline.Log, pipeline.Registry, () => new DuckDbTableWriter(file.Options), TimeProvider.System, NullLogger.Instance);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var run = sink.RunAsync(stopping.Token);

        foreach (var (table, columns) in ((string, string)[])[("keyed", "id, amount, note"), ("bag", "a, b"), ("parts", "id, day"), ("partless", "id, day")])
            await pipeline.UntilEqualAsync(server, $"SELECT count(*) || string_agg(({columns})::text, '') FROM public.{table}");
        await Eventually.HoldsAsync("the file has the tables", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            if (run.IsCompleted)
                await run;
            return sink.HasApplied(await pipeline.Log.DescribeTopicsAsync(Token), await TopicNotes.ReadAsync(pipeline.Log, Token));
        }, TimeSpan.FromSeconds(60), Token);
        await stopping.CancelAsync();
        await run;

        Assert.Equal(
            ["bag a,b", "keyed id,amount,note", "partless id,day", "parts id,day"],
            file.Query("SELECT table_name || ' ' || string_agg(column_name, ',' ORDER BY column_index) FROM duckdb_columns() WHERE schema_name = 'public' AND NOT starts_with(column_name, '_cdc_') GROUP BY table_name ORDER BY 1").Select(row => row[0]));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Table_without_columns_ends_nothing(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("""
            CREATE TABLE fine (id int PRIMARY KEY); INSERT INTO fine VALUES (1);
            CREATE TABLE none (); INSERT INTO none DEFAULT VALUES;
            CREATE TABLE whole (); ALTER TABLE whole REPLICA IDENTITY FULL; INSERT INTO whole DEFAULT VALUES; INSERT INTO whole DEFAULT VALUES;
            CREATE TABLE bare (id int PRIMARY KEY, a int); INSERT INTO bare VALUES (1, 1); ALTER TABLE bare DROP id, DROP a
            """, "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        foreach (var name in (string[])["none", "bare"])
        {
            await Eventually.HoldsAsync($"'{name}' is left out", async () =>
            {
                await pipeline.ThrowIfEndedAsync();
                return pipeline.Capture.Progress.Tables.GetValueOrDefault(new TableId("public", name))?.Contains("CDC-2063", StringComparison.Ordinal) == true;
            }, TimeSpan.FromSeconds(60), Token);
        }

        await UntilReadAsync(pipeline, "whole");
        await server.ExecuteAsync("INSERT INTO fine VALUES (2); INSERT INTO none DEFAULT VALUES; INSERT INTO whole DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES", "source");

        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.fine");
        await pipeline.UntilEqualAsync(server, "SELECT count(*)::text FROM public.whole");
        await server.ExecuteAsync("DELETE FROM whole WHERE ctid = '(0,1)'; INSERT INTO fine VALUES (3)", "source");
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.fine");
        await pipeline.UntilEqualAsync(server, "SELECT count(*)::text FROM public.whole");
        await server.ExecuteAsync("TRUNCATE whole; INSERT INTO fine VALUES (4)", "source");
        await pipeline.UntilEqualAsync(server, "SELECT count(*)::text FROM public.whole");
        Assert.Null(pipeline.Capture.Progress.Tables[new TableId("public", "whole")]);
    }

    [Theory]
    [InlineData(15, "")]
    [InlineData(18, "ALTER TABLE item REPLICA IDENTITY FULL; ")]
    public async Task Columns_that_all_go_while_it_streams_end_nothing(int major, string identity)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync("CREATE TABLE fine (id int PRIMARY KEY); INSERT INTO fine VALUES (1); CREATE TABLE item (id int PRIMARY KEY, note text); INSERT INTO item VALUES (1, 'one')", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilReadAsync(pipeline, "item");

        await server.ExecuteAsync($"{identity}ALTER TABLE item DROP id, DROP note; INSERT INTO item DEFAULT VALUES", "source");
        await server.ExecuteAsync("INSERT INTO fine VALUES (2)", "source");

        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.fine");
    }

    private static Task UntilReadAsync(RunningPipeline pipeline, string table) => Eventually.HoldsAsync($"'{table}' is read", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Capture.Progress.Reads.GetValueOrDefault(new TableId("public", table))?.State == TableState.Complete;
    }, TimeSpan.FromSeconds(60), Token);
}

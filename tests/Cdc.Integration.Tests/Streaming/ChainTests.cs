using Cdc.Capture;
using Cdc.Integration.Tests.Resync;
using Cdc.Sink;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>
/// A target that is the next source, with all its tables: its data is passed on, and the bookkeeping that the first sink left there does
/// not.
/// </summary>
public sealed class ChainTests
{
    private const string Items =
        "SELECT count(*) || ' ' || md5(string_agg(id || coalesce(note, '') || coalesce(body, ''), ',' ORDER BY id)) FROM public.item";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Third_database_has_the_first_ones_rows_and_bookkeeping_of_its_own_only()
    {
        await using var chain = await Chain.StartAsync();
        await using var first = chain.First();
        await first.UntilEqualAsync(chain.Server, Items);
        await using var second = chain.Second(options => options with { Postgres = options.Postgres! with { Database = "third" } });
        await chain.UntilEqualAsync(() => chain.AnswerAsync(Items, "third"), first, second);

        await chain.Server.ExecuteAsync(
            "UPDATE item SET note = 'later' WHERE id < 50; DELETE FROM item WHERE id BETWEEN 60 AND 70; INSERT INTO item " +
            "VALUES (2001, 'late', NULL); UPDATE item SET id = -id WHERE id = 80", "source");
        await chain.UntilEqualAsync(() => chain.AnswerAsync(Items, "third"), first, second);
        Assert.Equal("_cdc.ledger,_cdc.sinks,_cdc.tables,public.item", await chain.AnswerAsync(
            "SELECT string_agg(n.nspname || '.' || c.relname, ',' ORDER BY 1) FROM pg_class c " +
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('public', '_cdc')", "third"));
        Assert.Equal("id,note,body,_cdc_partition,_cdc_offset,_cdc_committed_at", await chain.ColumnsAsync("third"));
        Assert.Equal("hop.public.item", await chain.AnswerAsync("SELECT topic FROM _cdc.tables", "third"));
    }

    /// <summary>A third hop meets what the second left: the same names again.</summary>
    [Fact]
    public async Task File_at_the_end_has_the_rows_and_bookkeeping_of_its_own_only()
    {
        await using var chain = await Chain.StartAsync();
        using var file = new LostTarget(chain.Server, isDuckDb: true);
        await using var first = chain.First();
        await first.UntilEqualAsync(chain.Server, Items);
        await using var second = chain.Second(file.Of);
        await chain.UntilEqualAsync(() => file.AnswerAsync(Items), first, second);
        await chain.Server.ExecuteAsync(
            "UPDATE item SET note = 'later' WHERE id < 50; DELETE FROM item WHERE id BETWEEN 60 AND 70; " +
            "ALTER TABLE item ADD COLUMN more text; INSERT INTO item VALUES (2001, 'late', NULL, 'x')", "source");
        await chain.UntilEqualAsync(() => file.AnswerAsync(Items), first, second);
        await Eventually.HoldsAsync("the file can be asked", async () => await file.AnswerAsync(
            "SELECT string_agg(column_name, ',' ORDER BY column_index) FROM duckdb_columns() WHERE table_name = 'item'")
            == "id,note,body,_cdc_partition,_cdc_offset,_cdc_committed_at,more", TimeSpan.FromSeconds(60), Token);
    }

    [Fact]
    public async Task Sink_with_another_prefix_carries_the_first_ones_bookkeeping_as_data()
    {
        await using var chain = await Chain.StartAsync();
        await using var first = chain.First();
        await first.UntilEqualAsync(chain.Server, Items);
        await using var second = chain.Second(options => options with
        {
            Postgres = options.Postgres! with { Database = "third" },
            Target = new TargetOptions { Metadata = new MetadataOptions { Prefix = "hop_" } },
        });
        await chain.UntilEqualAsync(() => chain.AnswerAsync(Items, "third"), first, second);
        Assert.Equal("id,note,body,_cdc_partition,_cdc_offset,_cdc_committed_at,hop_partition,hop_offset,hop_committed_at",
            await chain.ColumnsAsync("third"));
        const string carried = "SELECT count(*) || ' ' || sum(_cdc_offset) || ' ' || max(_cdc_committed_at) FROM item";
        Assert.Equal(await chain.AnswerAsync(carried, "target"), await chain.AnswerAsync(carried, "third"));
    }

    /// <summary>A server with three databases, and the two installations that lead from the first to the third.</summary>
    private sealed class Chain(PostgresServer server) : IAsyncDisposable
    {
        private readonly TemporaryFolder firstFolder = new();
        private readonly TemporaryFolder secondFolder = new();

        public PostgresServer Server => server;

        public static async Task<Chain> StartAsync()
        {
            var server = await PostgresServer.StartWithDatabasesAsync();
            await server.ExecuteAsync("CREATE DATABASE third");
            await server.ExecuteAsync(
                "CREATE TABLE item (id int PRIMARY KEY, note text, body text); ALTER TABLE item ALTER COLUMN body SET STORAGE EXTERNAL;"
                + " INSERT INTO item SELECT i, 'row ' || i, CASE WHEN i % 5 = 0 THEN repeat(md5(i::text), 200) END " +
                    "FROM generate_series(1, 1000) i", "source");
            return new Chain(server);
        }

        public RunningPipeline First() => RunningPipeline.Start(server, firstFolder.Path, ["public.*"]);

        public RunningPipeline Second(Func<SinkOptions, SinkOptions> adjustSink) =>
            RunningPipeline.Start(server, secondFolder.Path, ["*.*"], Hop, adjustSink: adjustSink);

        public async Task UntilEqualAsync(Func<Task<string?>> answer, params RunningPipeline[] pipelines) =>
            await Eventually.HoldsAsync("the end has what the beginning has", async () =>
        {
            foreach (var pipeline in pipelines)
            {
                await pipeline.ThrowIfEndedAsync();
                Assert.Empty(pipeline.Sink.Progress.Topics.Select(pipeline.Sink.Progress.TroubleOf).OfType<Exception>());
            }

            return await AnswerAsync(Items, "source") == await answer();
        }, TimeSpan.FromSeconds(90), Token);

        public async Task<string?> AnswerAsync(string question, string database)
        {
            try
            {
                return await server.QueryAsync<string>(question, database);
            }
            catch (Npgsql.PostgresException error) when (error.SqlState == "42P01")
            {
                return null;
            }
        }

        public Task<string?> ColumnsAsync(string database) => AnswerAsync(
            "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'public.item'::regclass AND attnum > 0 " +
            "AND NOT attisdropped", database);

        public async ValueTask DisposeAsync()
        {
            firstFolder.Dispose();
            secondFolder.Dispose();
            await server.DisposeAsync();
        }

        private static CaptureOptions Hop(CaptureOptions options) => options with
        {
            Name = "hop", TopicPrefix = "hop", Postgres = options.Postgres with { Database = "target", Slot = "hop", Publication = "hop" },
        };
    }
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Integration.Tests.Writers;
using Cdc.Sink;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Testing;

namespace Cdc.Integration.Tests.DuckDb;

/// <summary>A value of many megabytes is written, or stops its table alone.</summary>
public sealed class LargeValueTests : IDisposable
{
    private const int Large = 40 << 20;
    private const string Docs = "shop.public.docs";

    internal static readonly TableSchema Schema = new(
        new TableId("public", "docs"),
        [new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint"), new ColumnSchema("body", "body", new ColumnType.Text(), "text")],
        [0]);

    private readonly TemporaryDuckDb database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Value_is_written_where_no_limit_is_set()
    {
        await WriteAsync(database.Options, 3 * Large);
        Assert.Equal([["1", $"{3 * Large}"]], database.Query("SELECT id, len(body) FROM public.docs"));
    }

    [Fact]
    public async Task Value_that_does_not_fit_the_limit_is_refused_as_its_table_s_trouble()
    {
        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(database.Options with { MemoryLimitBytes = 32 << 20 }, Large));
        Assert.Equal(ErrorCodes.DuckDbRowsTooLarge, error.Code);
        Assert.Equal(ErrorResponse.StopTable, ErrorPolicy.For(error.Kind));
        Assert.Contains($"column 'body', has {Large + 4} bytes", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("xxx", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Value_that_does_not_fit_stops_its_table_alone_until_the_limit_is_raised()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using (var pipeline = Start(server, folder,
            options => options with { DuckDb = database.Options with { MemoryLimitBytes = 32 << 20 } }))
        {
            await UntilAppliedAsync(pipeline, 2);
            await server.ExecuteAsync($"BEGIN; INSERT INTO docs VALUES (2, repeat('x', {Large})); INSERT INTO orders VALUES (2); COMMIT",
                "source");
            await UntilTroubleAsync(pipeline, ErrorCodes.DuckDbRowsTooLarge);
            await UntilAppliedAsync(pipeline, 3);
        }

        Assert.Equal([["2", "1"]], database.Query("SELECT (SELECT count(*) FROM public.orders), (SELECT count(*) FROM public.docs)"));
        await using (var pipeline = Start(server, folder, options => options))
            await UntilAppliedAsync(pipeline, 1);
        Assert.Equal([["1", "4"], ["2", $"{Large}"]], database.Query("SELECT id, len(body) FROM public.docs ORDER BY 1"));
    }

    [Fact]
    public async Task Value_larger_than_the_sink_may_take_stops_its_table_alone_until_it_may()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using (var pipeline = Start(server, folder, options => options with { MaxValueSizeBytes = 1 << 20 }))
        {
            await UntilAppliedAsync(pipeline, 2);
            await server.ExecuteAsync(
                "BEGIN; INSERT INTO docs VALUES (2, repeat('x', 1048000)), (3, repeat('x', 2000000)); INSERT INTO orders VALUES (2); " +
                "COMMIT", "source");
            var error = await UntilTroubleAsync(pipeline, ErrorCodes.TargetValueTooLarge);
            await UntilAppliedAsync(pipeline, 4);
            foreach (var fact in (string[])["'public.docs'", "'body'", "2000004", "1048576", "'maxValueSize' of sink 'warehouse'"])
                Assert.Contains(fact, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("xxx", error.ToString(), StringComparison.Ordinal);
        }

        await using (var pipeline = Start(server, folder, options => options))
            await UntilAppliedAsync(pipeline, 1);
        Assert.Equal([["1", "4"], ["2", "1048000"], ["3", "2000000"]], database.Query("SELECT id, len(body) FROM public.docs ORDER BY 1"));
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE docs (id bigint PRIMARY KEY, body text); CREATE TABLE orders (id bigint PRIMARY KEY); INSERT INTO docs VALUES " +
            "(1, 'text'); INSERT INTO orders VALUES (1)",
            "source");
        return server;
    }

    private RunningPipeline Start(PostgresServer server, TemporaryFolder folder, Func<SinkOptions, SinkOptions> adjust) =>
        RunningPipeline.Start(
        server, folder.Path, ["public.*"],
        adjustSink: options => adjust(options with { Postgres = null, DuckDb = database.Options with { ClosedTime = TimeSpan.Zero } }));

    private static Task UntilAppliedAsync(
        RunningPipeline pipeline, long changes) => Eventually.HoldsAsync($"{changes} changes are applied", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Sink.Progress.Changes == changes;
    }, TimeSpan.FromSeconds(120));

    private static async Task<CdcException> UntilTroubleAsync(RunningPipeline pipeline, ErrorCode code)
    {
        await Eventually.HoldsAsync("a table stands still", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Sink.Progress.TroubleOf(Docs)?.Code == code;
        }, TimeSpan.FromSeconds(120));
        Assert.Null(pipeline.Sink.Progress.NextTryOf(Docs)); // Only a start reads another setting.
        return pipeline.Sink.Progress.TroubleOf(Docs)!;
    }

    private static async Task WriteAsync(DuckDbTargetOptions options, int length)
    {
        var table = new TargetName("public", "docs");
        await using var writer = new DuckDbTableWriter(options);
        await using var transaction = await writer.BeginAsync(Cancel);
        await transaction.ClaimAsync("sink", "topic", table, Cancel);
        await transaction.EvolveAsync(new EvolutionPlan(table, Schema, IsMissing: true, []), Cancel);
        await transaction.WriteAsync(table, new BatchBuilder(Schema).Upsert(1L, new string('x', length)).Build(), Cancel);
        await transaction.CommitAsync(Cancel);
    }
}

using Cdc.Capture.Requests;
using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>
/// Somebody drops the schema of the ledger, or a part of it: what was applied is not known any more, so nothing is added to what is there
/// (Invariant 6) until the table is emptied; then all rows come.
/// </summary>
public sealed class LostLedgerTests
{
    private const string Topic = "shop.public.item";
    private const string Rows = "SELECT count(*) || md5(string_agg(id || coalesce(note, ''), ',' ORDER BY id)) FROM public.item";
    private const string Keyless = "ALTER TABLE item DROP CONSTRAINT item_pkey; ALTER TABLE item REPLICA IDENTITY FULL";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", false)]
    [InlineData(Keyless, false)]
    [InlineData("", true)]
    [InlineData(Keyless, true)]
    public async Task Ledger_that_is_dropped_while_a_sink_runs_stops_its_tables_until_they_are_emptied(string before, bool isDuckDb)
    {
        await using var server = await StartAsync(before);
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of);
        await target.UntilEqualAsync(pipeline, Rows);

        await target.ExecuteAsync("DROP SCHEMA _cdc CASCADE");
        await server.ExecuteAsync("DELETE FROM item WHERE id = 7; INSERT INTO item VALUES (1001, 'late')", "source");
        await StoppedThenEmptiedAsync(pipeline, target);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(Keyless, false)]
    [InlineData("", true)]
    [InlineData(Keyless, true)]
    public async Task Ledger_that_was_dropped_while_nothing_ran_stops_them_too(string before, bool isDuckDb)
    {
        await using var server = await StartAsync(before);
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of))
            await target.UntilEqualAsync(first, Rows);

        await target.ExecuteAsync("DROP SCHEMA _cdc CASCADE");
        await server.ExecuteAsync("DELETE FROM item WHERE id = 7; INSERT INTO item VALUES (1001, 'late')", "source");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of);
        await StoppedThenEmptiedAsync(pipeline, target);
    }

    /// <summary>The ledger says that rows were applied, nothing says to which table: made again, it would have a part of them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Table_that_is_gone_with_the_note_of_it_is_not_made_again_with_a_part_of_its_rows(bool isDuckDb)
    {
        await using var server = await StartAsync("");
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of))
            await target.UntilEqualAsync(first, Rows);

        await target.ExecuteAsync("DROP TABLE _cdc.tables; DROP TABLE public.item");
        await server.ExecuteAsync("INSERT INTO item VALUES (1001, 'late')", "source");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of);
        await UntilAsync(pipeline, ErrorCodes.TargetTableLost);
        Assert.Null(await target.AnswerAsync(Rows));
        await new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.item"]), Token);

        await target.UntilEqualAsync(pipeline, Rows);
    }

    private static async Task StoppedThenEmptiedAsync(RunningPipeline pipeline, LostTarget target)
    {
        await UntilAsync(pipeline, ErrorCodes.TargetNoteLost);
        await Eventually.HoldsAsync("what is there is left alone",
            async () => await target.AnswerAsync("SELECT CAST(count(*) AS varchar) FROM public.item") == "1000",
            TimeSpan.FromSeconds(60), Token);
        await target.ExecuteAsync("TRUNCATE public.item");

        await target.UntilEqualAsync(pipeline, Rows);
        await Eventually.HoldsAsync(
            "the table goes on", () => pipeline.Sink.Progress.TroubleOf(Topic) is null, TimeSpan.FromSeconds(60), Token);
    }

    private static Task UntilAsync(RunningPipeline pipeline, ErrorCode code) => Eventually.HoldsAsync(
        $"the table stops with '{code}'",
        async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Sink.Progress.TroubleOf(Topic)?.Code == code;
        },
        TimeSpan.FromSeconds(60), Token);

    private static async Task<PostgresServer> StartAsync(string before)
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, note text); INSERT INTO item SELECT i, 'row ' || i FROM generate_series(1, 1000) i",
            "source");
        if (before.Length > 0)
            await server.ExecuteAsync(before, "source");
        return server;
    }
}

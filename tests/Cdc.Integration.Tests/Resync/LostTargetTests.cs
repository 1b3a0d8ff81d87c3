using Cdc.Capture.Requests;
using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Sink;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>
/// A target table that somebody dropped, or that is to have another name: never made again with a part of its rows (Invariant 6).
/// </summary>
public sealed class LostTargetTests
{
    private const string Topic = "shop.public.item";
    private const string Rows = "SELECT count(*) || md5(string_agg(id || coalesce(note, ''), ',' ORDER BY id)) FROM public.item";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", false)]
    [InlineData("DELETE FROM item WHERE id = 7", false)]
    [InlineData("", true)]
    [InlineData("DELETE FROM item WHERE id = 7", true)]
    public async Task Dropped_table_stops_while_it_runs_and_comes_back_whole_with_a_resync(string before, bool isDuckDb)
    {
        await using var server = await StartAsync();
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of);
        await target.UntilEqualAsync(pipeline, Rows);

        await target.ExecuteAsync("DROP TABLE public.item");
        await server.ExecuteAsync($"{before}; INSERT INTO item VALUES (1001, 'late')", "source");
        await UntilLostAsync(pipeline);
        Assert.Null(await target.AnswerAsync(Rows));
        await new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.item"]), Token);

        await target.UntilEqualAsync(pipeline, Rows);
        await UntilWellAsync(pipeline);
    }

    [Theory]
    [InlineData("ALTER TABLE item REPLICA IDENTITY DEFAULT", false)]
    [InlineData("ALTER TABLE item DROP CONSTRAINT item_pkey; ALTER TABLE item REPLICA IDENTITY FULL", false)]
    [InlineData("ALTER TABLE item REPLICA IDENTITY DEFAULT", true)]
    [InlineData("ALTER TABLE item DROP CONSTRAINT item_pkey; ALTER TABLE item REPLICA IDENTITY FULL", true)]
    public async Task Table_that_was_dropped_while_nothing_ran_stops_too(string identity, bool isDuckDb)
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync(identity, "source");
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of))
            await target.UntilEqualAsync(first, Rows);

        await target.ExecuteAsync("DROP TABLE public.item");
        await server.ExecuteAsync("INSERT INTO item VALUES (1001, 'late')", "source");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of);
        await UntilLostAsync(pipeline);
        Assert.Null(await target.AnswerAsync(Rows));
        await new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.item"]), Token);

        await target.UntilEqualAsync(pipeline, Rows);
        await UntilWellAsync(pipeline);
    }

    /// <summary>A part of the rows beside a table that has the others would be no copy of anything.</summary>
    [Theory]
    [InlineData("{schema}", "copy_of_{table}", "public.copy_of_item", false)]
    [InlineData("other", "{table}", "other.item", false)]
    [InlineData("{schema}", "copy_of_{table}", "public.copy_of_item", true)]
    [InlineData("other", "{table}", "other.item", true)]
    public async Task Table_that_is_to_have_another_name_stops_and_comes_whole_under_it_with_a_resync(
        string schema, string table, string name, bool isDuckDb)
    {
        await using var server = await StartAsync();
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of))
            await target.UntilEqualAsync(first, Rows);

        await server.ExecuteAsync("DELETE FROM item WHERE id = 8; INSERT INTO item VALUES (1001, 'late')", "source");
        var before = await target.AnswerAsync(Rows);
        var renamed = Rows.Replace("public.item", name, StringComparison.Ordinal);
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            adjustSink: options => target.Of(options) with { Target = new TargetOptions { Schema = schema, Table = table } });
        await UntilLostAsync(pipeline);
        Assert.Contains("they are in 'public.item'", pipeline.Sink.Progress.TroubleOf(Topic)!.Message, StringComparison.Ordinal);
        Assert.Null(await target.AnswerAsync(renamed));
        await new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.item"]), Token);

        await target.UntilEqualAsync(pipeline, Rows, renamed);
        await UntilWellAsync(pipeline);
        await server.ExecuteAsync("UPDATE item SET note = 'later' WHERE id = 9; DELETE FROM item WHERE id = 10", "source");
        await target.UntilEqualAsync(pipeline, Rows, renamed);
        await Eventually.HoldsAsync("the earlier table is as it was", async () => await target.AnswerAsync(Rows) == before,
            TimeSpan.FromSeconds(60), Token);
    }

    /// <summary>What somebody wrote into the target by hand is of no record, so no offset says how old it is.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_that_were_written_by_hand_go_with_a_resync(bool isDuckDb)
    {
        await using var server = await StartAsync();
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of);
        await target.UntilEqualAsync(pipeline, Rows);

        await target.ExecuteAsync(
            "INSERT INTO public.item (id, note) VALUES (-1, 'by hand'), (-2, NULL); UPDATE public.item SET _cdc_offset = NULL " +
            "WHERE id = 5");
        await server.ExecuteAsync("DELETE FROM item WHERE id = 7", "source");
        await new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.item"]), Token);

        await target.UntilEqualAsync(pipeline, Rows);
    }

    /// <summary>Made again, it would be null in all rows but those that change.</summary>
    [Theory]
    [InlineData("RENAME COLUMN note TO remark", "RENAME COLUMN remark TO note", false)]
    [InlineData("DROP COLUMN note", null, false)]
    [InlineData("RENAME COLUMN note TO remark", "RENAME COLUMN remark TO note", true)]
    [InlineData("DROP COLUMN note", null, true)]
    public async Task Column_that_somebody_took_away_is_not_made_again_without_its_values(string cause, string? cure, bool isDuckDb)
    {
        await using var server = await StartAsync();
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of);
        await target.UntilEqualAsync(pipeline, Rows);

        await target.ExecuteAsync($"ALTER TABLE public.item {cause}");
        await server.ExecuteAsync("UPDATE item SET note = 'new' WHERE id = 7", "source");
        var tries = new HashSet<DateTimeOffset?>();
        await Eventually.HoldsAsync("it was tried three times", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            if (pipeline.Sink.Progress.TroubleOf(Topic)?.Code == ErrorCodes.TargetColumnUnsuitable)
                tries.Add(pipeline.Sink.Progress.NextTryOf(Topic));
            return tries.Count >= 3;
        }, TimeSpan.FromSeconds(60), Token);
        if (cure is not null)
            await target.ExecuteAsync($"ALTER TABLE public.item {cure}");
        else
            await new ResyncRequests(pipeline.Log, "shop").SendAsync(ResyncRequest.For(["public.item"]), Token);

        await target.UntilEqualAsync(pipeline, Rows);
        await UntilWellAsync(pipeline);
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, note text); INSERT INTO item SELECT i, 'row ' || i FROM generate_series(1, 1000) i",
            "source");
        return server;
    }

    private static Task UntilWellAsync(RunningPipeline pipeline) =>
        Eventually.HoldsAsync("the table goes on", () => pipeline.Sink.Progress.TroubleOf(Topic) is null, TimeSpan.FromSeconds(60), Token);

    private static Task UntilLostAsync(RunningPipeline pipeline) => Eventually.HoldsAsync("the table is found to be gone", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Sink.Progress.TroubleOf(Topic)?.Code == ErrorCodes.TargetTableLost;
    }, TimeSpan.FromSeconds(60), Token);
}

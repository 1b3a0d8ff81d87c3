using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Sink;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>The prefix of the platform's own columns is changed because a source's table has a column of such a name.</summary>
public sealed class MetadataPrefixTests
{
    private const string Plain = "SELECT count(*) || md5(string_agg(id || coalesce(note, ''), ',' ORDER BY id)) FROM public.plain";
    private const string Own = "SELECT count(*) || md5(string_agg(id || coalesce(_cdc_offset, ''), ',' ORDER BY id)) FROM public.own";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prefix_that_is_changed_lets_the_table_in_and_renames_ours_in_the_others(bool isDuckDb)
    {
        await using var server = await StartAsync();
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of))
        {
            await target.UntilEqualAsync(first, Plain);
            await UntilAsync(first, "shop.public.own", ErrorCodes.TargetMetadataTaken);
            Assert.Contains("'_cdc_offset'", first.Sink.Progress.TroubleOf("shop.public.own")!.Message, StringComparison.Ordinal);
        }

        var before = await target.AnswerAsync("SELECT CAST(sum(_cdc_offset) AS varchar) FROM public.plain");
        Assert.NotNull(before);
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            adjustSink: options => WithPrefix(target.Of(options)));
        await target.UntilEqualAsync(pipeline, Own);
        await Eventually.HoldsAsync("ours have the new name and what they held",
            async () => await target.AnswerAsync("SELECT CAST(sum(sync_offset) AS varchar) FROM public.plain") == before,
            TimeSpan.FromSeconds(60), Token);
        await server.ExecuteAsync(
            "UPDATE plain SET note = 'later' WHERE id = 9; DELETE FROM plain WHERE id = 10; UPDATE own SET _cdc_offset = 'later' " +
            "WHERE id = 3", "source");
        await target.UntilEqualAsync(pipeline, Plain);
        await target.UntilEqualAsync(pipeline, Own);
    }

    /// <summary>The column is there in source and target, as ours: the source's values must not be merged into it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Column_of_such_a_name_that_is_added_stops_its_table_alone(bool isDuckDb)
    {
        await using var server = await StartAsync();
        using var target = new LostTarget(server, isDuckDb);
        using var folder = new TemporaryFolder();
        await server.ExecuteAsync("DROP TABLE own", "source");
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of))
        {
            await target.UntilEqualAsync(first, Plain);
            await server.ExecuteAsync("ALTER TABLE plain ADD COLUMN _cdc_offset bigint; INSERT INTO plain VALUES (2001, 'late', 5)",
                "source");
            await UntilAsync(first, "shop.public.plain", ErrorCodes.TargetMetadataTaken);
        }

        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            adjustSink: options => WithPrefix(target.Of(options)));
        await target.UntilEqualAsync(pipeline, Plain);
        await Eventually.HoldsAsync(
            "the source's column has its value",
            async () => await target.AnswerAsync("SELECT CAST(_cdc_offset AS varchar) FROM public.plain WHERE id = 2001") == "5",
            TimeSpan.FromSeconds(60), Token);
    }

    /// <summary>
    /// What cannot be renamed now is left alone and tried again, and nothing of it is applied meanwhile; the others continue.
    /// </summary>
    [Fact]
    public async Task Locked_table_waits_alone_for_its_new_names()
    {
        await using var server = await StartAsync();
        using var target = new LostTarget(server, isDuckDb: false);
        using var folder = new TemporaryFolder();
        await server.ExecuteAsync("ALTER TABLE own RENAME COLUMN _cdc_offset TO note", "source");
        var own = Plain.Replace("public.plain", "public.own", StringComparison.Ordinal);
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"], adjustSink: target.Of))
        {
            await target.UntilEqualAsync(first, Plain);
            await target.UntilEqualAsync(first, own);
        }

        await server.ExecuteAsync("UPDATE plain SET note = 'later' WHERE id = 9; UPDATE own SET note = 'later' WHERE id = 9", "source");
        await using var report = await server.ConnectAsync("target");
        await using var transaction = await report.BeginTransactionAsync(Token);
        await using (var read = new Npgsql.NpgsqlCommand("SELECT count(*) FROM public.plain", report))
            await read.ExecuteScalarAsync(Token);
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            adjustSink: options => WithPrefix(target.Of(options)));
        await target.UntilEqualAsync(pipeline, own);
        await UntilAsync(pipeline, "shop.public.plain", ErrorCodes.TargetTableLocked);
        Assert.NotNull(await target.AnswerAsync("SELECT sum(_cdc_offset)::text FROM public.plain"));

        await transaction.RollbackAsync(Token);
        await target.UntilEqualAsync(pipeline, Plain);
        Assert.Null(await target.AnswerAsync("SELECT sum(_cdc_offset)::text FROM public.plain"));
        Assert.NotNull(await target.AnswerAsync("SELECT sum(sync_offset)::text FROM public.plain"));
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync("""
            CREATE TABLE plain (id int PRIMARY KEY, note text); INSERT INTO plain SELECT i, 'row ' || i FROM generate_series(1, 1000) i;
            CREATE TABLE own (id int PRIMARY KEY, _cdc_offset text); INSERT INTO own SELECT i, 'row ' || i FROM generate_series(1, 1000) i
            """, "source");
        return server;
    }

    private static SinkOptions WithPrefix(
        SinkOptions options) => options with { Target = new TargetOptions { Metadata = new MetadataOptions { Prefix = "sync_" } } };

    private static Task UntilAsync(RunningPipeline pipeline, string topic, ErrorCode code) =>
        Eventually.HoldsAsync($"'{topic}' stands still for '{code}'", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Sink.Progress.TroubleOf(topic)?.Code == code;
    }, TimeSpan.FromSeconds(60), Token);
}

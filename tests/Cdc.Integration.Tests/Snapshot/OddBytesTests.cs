using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>
/// A database in SQL_ASCII holds any bytes as text. What is UTF-8 is captured; a value that is not stops its table, and no other.
/// </summary>
public sealed class OddBytesTests
{
    private const string Columns = "(id int PRIMARY KEY, note text, list text[])";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Text_that_is_UTF_8_is_captured(int major)
    {
        await using var server = await StartAsync(major);
        await server.ExecuteAsync(
            $"CREATE TABLE fine {Columns}; INSERT INTO fine VALUES (1, 'grüße, 你好', '{{\"ü\"}}'); CREATE TABLE named (k text PRIMARY " +
            $"KEY, body text); ALTER TABLE named ALTER body SET STORAGE EXTERNAL; INSERT INTO named VALUES ('ключ', repeat('long', 5000))",
            "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id || note || list::text, ',' ORDER BY id) FROM public.fine");
        await pipeline.UntilEqualAsync(server, "SELECT k || md5(body) FROM public.named");

        await server.ExecuteAsync("INSERT INTO fine VALUES (2, 'später', NULL); UPDATE named SET k = 'другой'", "source");

        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id || note, ',' ORDER BY id) FROM public.fine");
        await pipeline.UntilEqualAsync(server, "SELECT k || md5(body) FROM public.named");
    }

    [Theory]
    [InlineData(15, "CREATE TABLE bad (id int PRIMARY KEY, note text); INSERT INTO bad VALUES (1, 'good'), (2, E'bad \\xff')")]
    [InlineData(18, "CREATE TABLE bad (id int PRIMARY KEY, note text); INSERT INTO bad VALUES (1, 'good'), (2, E'bad \\xff')")]
    [InlineData(15, "CREATE TABLE bad (k text PRIMARY KEY); INSERT INTO bad VALUES ('good'), (E'b\\xe4d')")]
    [InlineData(15, "CREATE TABLE bad (id int PRIMARY KEY, list text[]); INSERT INTO bad VALUES (1, ARRAY['good', E'bad \\xff'])")]
    [InlineData(15, "CREATE TABLE bad (note text); ALTER TABLE bad REPLICA IDENTITY FULL; INSERT INTO bad VALUES ('good'), (E'bad \\xff')")]
    public async Task Table_that_has_others_when_it_is_read_stops_alone(int major, string create)
    {
        await using var server = await StartAsync(major);
        await server.ExecuteAsync($"{create}; CREATE TABLE fine {Columns}; INSERT INTO fine VALUES (1, 'one')", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);

        await UntilStoppedAsync(pipeline);
        await OtherContinuesAsync(server, pipeline);
    }

    [Theory]
    [InlineData(15, "CREATE TABLE bad (id int PRIMARY KEY, note text)", "INSERT INTO bad VALUES (2, E'bad \\xff')")]
    [InlineData(18, "CREATE TABLE bad (id int PRIMARY KEY, note text)", "INSERT INTO bad VALUES (2, E'bad \\xff')")]
    [InlineData(15, "CREATE TABLE bad (k text PRIMARY KEY)", "INSERT INTO bad VALUES (E'b\\xe4d')")]
    [InlineData(15,
        "CREATE TABLE bad (k text PRIMARY KEY, body text); ALTER TABLE bad ALTER body SET STORAGE EXTERNAL; INSERT INTO bad VALUES " +
        "('good', repeat('long', 5000))", "UPDATE bad SET k = E'b\\xe4d'")]
    [InlineData(15, "CREATE TABLE bad (note text); ALTER TABLE bad REPLICA IDENTITY FULL",
        "INSERT INTO bad VALUES (E'bad \\xff'); DELETE FROM bad")]
    public async Task Table_that_gets_others_while_it_streams_stops_alone(int major, string create, string change)
    {
        await using var server = await StartAsync(major);
        await server.ExecuteAsync($"{create}; CREATE TABLE fine {Columns}; INSERT INTO fine VALUES (1, 'one')", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await Eventually.HoldsAsync("both are read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Reads.Values.Count(table => table.State == TableState.Complete) == 2;
        }, TimeSpan.FromSeconds(60), Token);

        await server.ExecuteAsync(change, "source");

        await UntilStoppedAsync(pipeline);
        await OtherContinuesAsync(server, pipeline);
    }

    private static async Task<PostgresServer> StartAsync(int major)
    {
        var server = await PostgresServer.StartAsync(major);
        await server.ExecuteAsync("CREATE DATABASE source ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        await server.ExecuteAsync("CREATE DATABASE target ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        return server;
    }

    private static Task UntilStoppedAsync(RunningPipeline pipeline) => Eventually.HoldsAsync("the table is stopped", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Capture.Progress.Tables.GetValueOrDefault(new TableId("public", "bad"))?.Trouble?.Error.Code
            == ErrorCodes.SourceTextNotUtf8;
    }, TimeSpan.FromSeconds(60), Token);

    private static async Task OtherContinuesAsync(PostgresServer server, RunningPipeline pipeline)
    {
        await server.ExecuteAsync("INSERT INTO fine VALUES (10, 'ten'); UPDATE fine SET note = 'changed' WHERE id = 1", "source");
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id || note, ',' ORDER BY id) FROM public.fine");
    }
}

using System.Globalization;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Tables;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.DuckDb;
using Cdc.Integration.Tests.Streaming;
using Cdc.Sink;
using Cdc.Sink.Ledger;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Cdc.Integration.Tests.Types;

/// <summary>Every type of the contract on its way from a real source, read and streamed, into both targets.</summary>
public sealed class TypeTravelTests
{
    private static readonly string[] ColumnNames = [.. TypeMatrix.Columns.Select((_, i) => Name(i))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Value_is_the_same_bytes_whichever_way_it_comes(int major)
    {
        await using var server = await StartAsync(major, TypeMatrix.Columns);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.matrix"]);
        await UntilCompleteAsync(pipeline);
        await server.ExecuteAsync("SET xmloption = content; INSERT INTO matrix SELECT 2, 0, matrix.big, " +
            Listed(i => $"matrix.{Name(i)}") + " FROM matrix WHERE id = 1", "source");
        await server.ExecuteAsync(
            "UPDATE matrix SET touched = 1 WHERE id = 2; DELETE FROM matrix WHERE id = 2; INSERT INTO matrix (id, touched) VALUES (3, 0)",
            "source");
        await pipeline.UntilEqualAsync(server, "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.matrix");

        var events = await TopicEvent.ReadAllAsync(pipeline.Log, pipeline.Registry, "shop.public.matrix", Token);

        Assert.Equal([Operation.Read, Operation.Create, Operation.Update, Operation.Delete, Operation.Create],
            events.Select(change => change.Operation));
        var schema = events[0].Schema;
        var read = events[0].After;
        Assert.Equal(TypeMatrix.Columns.Select(column => column.Expected == "exact"),
            read.Skip(3).Select(text => text.StartsWith("Exact", StringComparison.Ordinal)));
        (string Way, IReadOnlyList<string> Image)[] ways =
            [("inserted", events[1].After), ("updated", events[2].After), ("before an update", events[2].Before),
                ("before a delete", events[3].Before)];
        foreach (var (way, image) in ways)
            Assert.Empty(TopicEvent.Differences(schema, read, image)
                .Where(line => !line.StartsWith("id ", StringComparison.Ordinal) && !line.StartsWith("touched ", StringComparison.Ordinal))
                .Select(line => $"{way}: {line}"));
        Assert.All(events[4].After.Skip(2), text => Assert.Equal("Null ", text));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Value_arrives_in_a_PostgreSQL_target_as_it_was(int major)
    {
        await using var server = await StartAsync(major, TypeMatrix.Columns);
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.matrix"]);
        await StreamCopyAsync(server, pipeline);

        var source = await TextsAsync(server, "source", 1);
        foreach (var row in (int[])[1, 2])
        {
            var target = await TextsAsync(server, "target", row);
            Assert.Empty(Enumerable.Range(0, source.Length).Where(i => Kept(TypeMatrix.Columns[i], source[i]) != target[i])
                .Select(i => $"row {row}, {ColumnNames[i]} {TypeMatrix.Columns[i].Type}: {source[i]}, {target[i]}"));
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Value_arrives_in_a_DuckDB_target_as_its_type_there_prints_it(int major)
    {
        // What stops a table there, each with its code: a value no column of its type can hold, and times beyond the year 294246.
        var columns = TypeMatrix.Columns.Where(column => (column.Expected != "exact" || column.Column is ColumnType.VariableDecimal)
            && !column.Value.StartsWith("294276", StringComparison.Ordinal)).ToList();
        await using var server = await StartAsync(major, columns);
        using var folder = new TemporaryFolder();
        using var file = new TemporaryDuckDb();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.matrix"]);
        var sink = new SinkRole(new SinkOptions { Name = "file" }, pipeline.Log, pipeline.Registry,
            () => new DuckDbTableWriter(file.Options), TimeProvider.System, NullLogger.Instance);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var run = sink.RunAsync(stopping.Token);
        await StreamCopyAsync(server, pipeline);
        await Eventually.HoldsAsync("the file has everything", async () =>
        {
            if (run.IsCompleted)
                await run;
            var topics = await pipeline.Log.DescribeTopicsAsync(_ => true, Token);
            Assert.All(topics, topic => Assert.Null(sink.Progress.TroubleOf(topic.Topic)));
            return sink.HasApplied(topics, await TopicNotes.ReadAsync(pipeline.Log, TopicNotes.None, Token));
        }, TimeSpan.FromSeconds(60), Token);
        await stopping.CancelAsync();
        await run;

        var rows = file.Query(
            $"SELECT {string.Join(", ", columns.Select((_, i) => $"{Name(i)}::VARCHAR"))} FROM public.matrix WHERE id IN (1, 2) " +
            "ORDER BY id");
        var canonical = await CanonicalAsync(server, columns);
        Assert.Equal(2, rows.Count);
        Assert.Equal(rows[0], rows[1]);
        Assert.Empty(
            columns.Select((column, i) => (Name: Name(i), column.Type, Expected: DuckDbText.Of(column, canonical[i]), Found: rows[0][i]))
            .Where(value => value.Expected != value.Found).Select(value => $"{value.Name} {value.Type}: {value.Expected}, {value.Found}"));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Label_that_an_enum_gets_while_it_streams_arrives(int major)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync(
            "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE feeling (id int PRIMARY KEY, feeling mood, before mood[]); INSERT INTO " +
            "feeling VALUES (1, 'sad', '{ok}')", "source");
        const string rows = "SELECT string_agg(concat_ws('|', id, feeling::text, before::text), ';' ORDER BY id) FROM public.feeling";
        using var folder = new TemporaryFolder();
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]))
        {
            await pipeline.UntilEqualAsync(server, rows);
            await server.ExecuteAsync("INSERT INTO feeling VALUES (2, 'ok', '{sad}')", "source");
            await server.ExecuteAsync("ALTER TYPE mood ADD VALUE 'elated' BEFORE 'sad'", "source");
            await server.ExecuteAsync(
                "INSERT INTO feeling VALUES (3, 'elated', '{elated,NULL}'); UPDATE feeling SET feeling = 'elated' WHERE id = 1", "source");
            await pipeline.UntilEqualAsync(server, rows);
        }

        await server.ExecuteAsync("ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'; INSERT INTO feeling VALUES (4, 'fine', '{}')", "source");
        await using var again = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await again.UntilEqualAsync(server,
            "SELECT string_agg(concat_ws('|', id, feeling::text), ';' ORDER BY id) FROM public.feeling WHERE id IN (1, 3, 4)");
    }

    /// <summary>A change waits in the source's log under a type that is dropped before it is read.</summary>
    [Fact]
    public async Task Type_that_is_gone_is_as_it_was_when_its_table_was_last_looked_at()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE lost (id int PRIMARY KEY, feeling mood); CREATE TABLE kept (id int PRIMARY " +
            "KEY)", "source");
        using var folder = new TemporaryFolder();
        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]))
            await Eventually.HoldsAsync("both are read", () =>
                pipeline.Capture.Progress.Reads.Values.Count(read => read.State == TableState.Complete) == 2, cancellationToken: Token);

        await server.ExecuteAsync("INSERT INTO lost VALUES (1, 'sad'); INSERT INTO kept VALUES (1)", "source");
        await server.ExecuteAsync("ALTER TABLE lost DROP COLUMN feeling; DROP TYPE mood; INSERT INTO lost VALUES (2)", "source");
        await using var again = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await again.UntilEqualAsync(server, "SELECT count(*)::text FROM public.kept");
        await again.UntilEqualAsync(server, "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.lost");
        Assert.Equal("sad", await server.QueryAsync<string>("SELECT feeling::text FROM public.lost WHERE id = 1", "target"));
        Assert.All(again.Capture.Progress.Tables.Values, table => Assert.Null(table.Reason));
    }

    private static string Name(int column) => string.Create(CultureInfo.InvariantCulture, $"c{column}");

    private static string Listed(Func<int, string> text) => string.Join(", ", Enumerable.Range(0, TypeMatrix.Columns.Count).Select(text));

    /// <summary>The matrix as a table with one row; a value out of line beside it, so that an update leaves one out.</summary>
    private static async Task<PostgresServer> StartAsync(int major, IReadOnlyList<MatrixColumn> matrix)
    {
        var server = await PostgresServer.StartWithDatabasesAsync(major);
        var columns = string.Join(", ", matrix.Select((column, i) => $"{Name(i)} {column.Type}"));
        var values = string.Join(", ", matrix.Select(column => $"'{column.Value.Replace("'", "''", StringComparison.Ordinal)}'"));
        await server.ExecuteAsync($"""
            {TypeMatrix.Types}
            CREATE TABLE matrix (id int PRIMARY KEY, touched int, big text, {columns});
            ALTER TABLE matrix ALTER big SET STORAGE EXTERNAL, REPLICA IDENTITY FULL;
            INSERT INTO matrix VALUES (1, 0, repeat('big', 5000), {values});
            """, "source");
        return server;
    }

    /// <summary>Row 1 is read, row 2 streamed with its values, by an insert and an update.</summary>
    private static async Task StreamCopyAsync(PostgresServer server, RunningPipeline pipeline)
    {
        await UntilCompleteAsync(pipeline);
        await server.ExecuteAsync(
            "CREATE TEMP TABLE copied AS SELECT * FROM matrix; UPDATE copied SET id = 2; INSERT INTO matrix SELECT * FROM copied; " +
            "UPDATE matrix SET touched = 1 WHERE id = 2", "source");
        await pipeline.UntilEqualAsync(server,
            "SELECT string_agg(id || ' ' || touched || ' ' || md5(big), ',' ORDER BY id) FROM public.matrix");
    }

    private static Task UntilCompleteAsync(RunningPipeline pipeline) => Eventually.HoldsAsync("the table is read", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        Assert.All(pipeline.Capture.Progress.Tables.Values, table => Assert.Null(table.Reason));
        return pipeline.Capture.Progress.Reads.GetValueOrDefault(new TableId("public", "matrix"))?.State == TableState.Complete;
    }, TimeSpan.FromSeconds(60), Token);

    private static Task<string[]> TextsAsync(PostgresServer server, string database, int row) => server.QueryAsync<string[]>(
        $"SELECT ARRAY[{Listed(i => $"concat({Name(i)})")}] FROM public.matrix WHERE id = {row}", database);

    /// <summary>What a PostgreSQL target prints: the source's text, but where the target has no such type.</summary>
    private static string Kept(MatrixColumn column, string text) => column.Type switch
    {
        "public.hstore" => column.Expected.Replace(":", ": ", StringComparison.Ordinal).Replace(",", ", ", StringComparison.Ordinal),
        "public.hstore[]" => """{"{\"a\": \"1\"}"}""",
        _ => text,
    };

    /// <summary>The canonical texts: the source's own under capture's settings.</summary>
    private static async Task<string[]> CanonicalAsync(PostgresServer server, List<MatrixColumn> columns)
    {
        await using var session = await SourceSession.OpenAsync(
            new() { Host = PostgresServer.Host, Port = server.Port, Database = "source", User = PostgresServer.User }, Token);
        var texts = string.Join(", ", columns.Select((_, i) => $"concat({Name(i)})"));
        await using var command = new NpgsqlCommand($"SELECT ARRAY[{texts}] FROM public.matrix WHERE id = 1", session);
        return (string[])(await command.ExecuteScalarAsync(Token))!;
    }
}

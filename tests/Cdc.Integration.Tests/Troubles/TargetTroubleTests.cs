using Cdc.Contracts.Errors;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Troubles;

/// <summary>What goes wrong with one table of the target stays its own, and passes by itself when its cause does.</summary>
public sealed class TargetTroubleTests
{
    private const string Writer = "loader";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("REVOKE INSERT ON ill FROM loader", "INSERT INTO ill VALUES (101, 'late')", "GRANT INSERT ON ill TO loader")]
    [InlineData("REVOKE ALL ON ill FROM loader", "INSERT INTO ill VALUES (101, 'late')", "GRANT ALL ON ill TO loader")]
    [InlineData("ALTER TABLE ill OWNER TO postgres; GRANT ALL ON ill TO loader",
        "ALTER TABLE ill ADD more int; INSERT INTO ill VALUES (101, 'late', 1)", "ALTER TABLE ill OWNER TO loader")]
    [InlineData("REVOKE DELETE ON ill FROM loader", "DELETE FROM ill WHERE id = 7", "GRANT DELETE ON ill TO loader")]
    public async Task A_right_that_is_missing_on_a_table_stops_that_one_until_it_is_there(string cause, string change, string cure)
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync(
            $"CREATE ROLE {Writer} LOGIN; GRANT ALL ON DATABASE target TO {Writer}; ALTER DATABASE target OWNER TO {Writer}", "target");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], targetUser: Writer);
        await UntilEqualAsync(pipeline, server);

        await server.ExecuteAsync(cause, "target");
        await server.ExecuteAsync(change, "source");
        await UntilTroubleAsync(pipeline, ErrorCodes.TargetTableDenied);
        await OtherContinuesAsync(pipeline, server);
        await server.ExecuteAsync(cure, "target");

        await UntilEqualAsync(pipeline, server);
        await UntilWellAsync(pipeline);
    }

    /// <summary>
    /// A role, a password or a name of the database that is changed for a while keeps the sink as a whole from its target: it waits, as
    /// capture does.
    /// </summary>
    [Theory]
    [InlineData("REVOKE ALL ON ALL TABLES IN SCHEMA _cdc FROM loader", "GRANT ALL ON ALL TABLES IN SCHEMA _cdc TO loader", 5002)]
    [InlineData("REVOKE ALL ON SCHEMA _cdc FROM loader", "GRANT ALL ON SCHEMA _cdc TO loader", 5002)]
    [InlineData("ALTER ROLE loader NOLOGIN", "ALTER ROLE loader LOGIN", 5002)]
    [InlineData("REVOKE CONNECT ON DATABASE target FROM loader, PUBLIC", "GRANT CONNECT ON DATABASE target TO loader", 5002)]
    [InlineData("ALTER DATABASE target RENAME TO away", "ALTER DATABASE away RENAME TO target", 5002)]
    [InlineData("ALTER DATABASE target ALLOW_CONNECTIONS false", "ALTER DATABASE target ALLOW_CONNECTIONS true", 5001)]
    [InlineData("ALTER TABLE _cdc.ledger RENAME swept TO away", "ALTER TABLE _cdc.ledger RENAME away TO swept", 5001)]
    [InlineData("ALTER TABLE _cdc.ledger ADD CONSTRAINT never CHECK (next_offset < 0) NOT VALID",
        "ALTER TABLE _cdc.ledger DROP CONSTRAINT never", 5001)]
    public async Task What_the_sink_as_a_whole_is_refused_for_a_while_it_waits_for(string cause, string cure, int code)
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync($"CREATE ROLE {Writer} LOGIN; ALTER DATABASE target OWNER TO {Writer}", "target");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], targetUser: Writer);
        await UntilEqualAsync(pipeline, server);

        const string Kill = $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{Writer}'";
        var database = cause.Contains("DATABASE", StringComparison.Ordinal) ? "postgres" : "target";
        await Eventually.HoldsAsync($"'{cause}' is done", async () =>
        {
            try
            {
                await server.ExecuteAsync(Kill);
                await server.ExecuteAsync(cause, database);
                await server.ExecuteAsync(Kill);
                return true;
            }
            catch (Npgsql.PostgresException error) when (error.SqlState == "55006")
            {
                return false; // Somebody is in the database.
            }
        }, TimeSpan.FromSeconds(30), Token);
        await server.ExecuteAsync("INSERT INTO ill VALUES (101, 'late'); DELETE FROM well WHERE id = 5", "source");
        await Eventually.HoldsAsync("the sink waits", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Sink.Progress.Waiting is { } waiting && waiting.Code.Number == code
                && !waiting.Message.Contains("57P01", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(60), Token);
        await server.ExecuteAsync(cure, database);

        await UntilEqualAsync(pipeline, server);
        await UntilWellAsync(pipeline);
        Assert.Null(pipeline.Sink.Progress.Waiting);
    }

    [Fact]
    public async Task Who_was_never_let_in_ends_with_what_is_missing()
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync($"CREATE ROLE {Writer} NOLOGIN", "target");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], targetUser: Writer);
        var error = await Assert.ThrowsAsync<CdcException>(() => Eventually.HoldsAsync("the sink ends", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return false;
        }, TimeSpan.FromSeconds(60), Token));
        Assert.Equal(ErrorCodes.TargetAccessDenied, error.Code);
    }

    /// <summary>A re-read makes the rows of before older than all: the one statement that a table meets before its first batch.</summary>
    [Fact]
    public async Task A_right_that_is_missing_when_a_sink_starts_over_stops_that_table_alone()
    {
        await using var server = await StartAsync();
        await server.ExecuteAsync(
            $"CREATE ROLE {Writer} LOGIN; GRANT ALL ON DATABASE target TO {Writer}; ALTER DATABASE target OWNER TO {Writer}", "target");
        using var folder = new TemporaryFolder();
        await using (var first = RunningPipeline.Start(server, folder.Path, ["public.*"], targetUser: Writer))
            await UntilEqualAsync(first, server);

        await server.ExecuteAsync("DELETE FROM _cdc.ledger; REVOKE UPDATE ON ill FROM loader", "target");
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], targetUser: Writer);
        await UntilTroubleAsync(pipeline, ErrorCodes.TargetTableDenied);
        await OtherContinuesAsync(pipeline, server);
        await server.ExecuteAsync("GRANT UPDATE ON ill TO loader", "target");

        await UntilWellAsync(pipeline);
        await server.ExecuteAsync("INSERT INTO ill VALUES (102, 'later')", "source");
        await UntilEqualAsync(pipeline, server);
    }

    /// <summary>Readers queue behind whoever waits for an exclusive lock.</summary>
    [Fact]
    public async Task A_column_that_comes_while_somebody_reads_makes_no_other_reader_wait_long_and_no_other_table_at_all()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilEqualAsync(pipeline, server);

        await using (var report = await server.ConnectAsync("target"))
        {
            await using var reading = await report.BeginTransactionAsync(Token);
            await using (var read = new Npgsql.NpgsqlCommand("SELECT count(*) FROM ill", report))
                await read.ExecuteScalarAsync(Token);
            await server.ExecuteAsync("ALTER TABLE ill ADD more int; UPDATE ill SET more = id", "source");
            await UntilTroubleAsync(pipeline, ErrorCodes.TargetTableLocked);
            for (var i = 0; i < 20; i++)
                await server.ExecuteAsync("SET statement_timeout = '3s'; SELECT count(*) FROM ill", "target");
            await OtherContinuesAsync(pipeline, server);
        }

        await UntilEqualAsync(pipeline, server);
        await UntilWellAsync(pipeline);
    }

    [Fact]
    public async Task A_table_that_somebody_locks_waits_alone()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilEqualAsync(pipeline, server);

        await using (var other = await server.ConnectAsync("target"))
        {
            await using var transaction = await other.BeginTransactionAsync(Token);
            await using (var rows = new Npgsql.NpgsqlCommand("UPDATE ill SET note = 'held' WHERE id = 1", other))
                await rows.ExecuteNonQueryAsync(Token);
            await server.ExecuteAsync("UPDATE ill SET note = 'new'", "source");
            await UntilTroubleAsync(pipeline, ErrorCodes.TargetTableLocked);
            await OtherContinuesAsync(pipeline, server);
        }

        await UntilEqualAsync(pipeline, server);
        await UntilWellAsync(pipeline);
    }

    [Fact]
    public async Task A_constraint_that_fails_at_the_commit_stops_its_table_alone()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilEqualAsync(pipeline, server);

        await server.ExecuteAsync("ALTER TABLE ill ADD CONSTRAINT once UNIQUE (note) DEFERRABLE INITIALLY DEFERRED", "target");
        await server.ExecuteAsync("BEGIN; INSERT INTO ill VALUES (101, 'row 1'); INSERT INTO well VALUES (201, 'with it'); COMMIT",
            "source");
        await UntilTroubleAsync(pipeline, ErrorCodes.TargetValueUnsupported);
        await OtherContinuesAsync(pipeline, server);
        await server.ExecuteAsync("ALTER TABLE ill DROP CONSTRAINT once", "target");

        await UntilEqualAsync(pipeline, server);
        await UntilWellAsync(pipeline);
    }

    /// <summary>
    /// Whatever state and words a trigger of the user's chooses, it is that table's trouble, and no row's value is passed on (Invariant 8).
    /// </summary>
    [Theory]
    [InlineData("P0001")]
    [InlineData("28000")]
    [InlineData("3D000")]
    [InlineData("42501")]
    [InlineData("42P01")]
    [InlineData("53100")]
    [InlineData("57014")]
    [InlineData("40001")]
    [InlineData("XX000")]
    public async Task What_a_trigger_raises_stops_its_table_alone_and_says_no_value(string state)
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilEqualAsync(pipeline, server);

        await server.ExecuteAsync($"""
            CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not %', NEW.note USING ERRCODE = '{state}'; END $$;
            CREATE TRIGGER guard BEFORE INSERT ON ill FOR EACH ROW EXECUTE FUNCTION guard()
            """, "target");
        await server.ExecuteAsync("INSERT INTO ill VALUES (101, 'private')", "source");
        await UntilTroubleAsync(pipeline, ErrorCodes.TargetValueUnsupported);
        Assert.DoesNotContain("private", pipeline.Sink.Progress.TroubleOf("shop.public.ill")?.ToString() ?? "", StringComparison.Ordinal);
        await OtherContinuesAsync(pipeline, server);
        await server.ExecuteAsync("DROP FUNCTION guard CASCADE", "target");

        await UntilEqualAsync(pipeline, server);
        await UntilWellAsync(pipeline);
    }

    /// <summary>
    /// A target that fails over to a copy which lacks its last commits: rows and ledger went back together (Invariant 3).
    /// </summary>
    [Fact]
    public async Task A_ledger_that_went_back_with_its_rows_is_read_again_however_often()
    {
        await using var server = await StartAsync();
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilEqualAsync(pipeline, server);
        for (var i = 0; i < 3; i++)
        {
            await server.ExecuteAsync(
                "CREATE SCHEMA copy; CREATE TABLE copy.ledger AS TABLE _cdc.ledger; CREATE TABLE copy.ill AS TABLE ill; CREATE TABLE " +
                "copy.well AS TABLE well", "target");
            await server.ExecuteAsync(
                $"INSERT INTO ill VALUES (101 + 10 * {i}, 'lost'); INSERT INTO well VALUES (101 + 10 * {i}, 'lost'); DELETE FROM well " +
                $"WHERE id = 5 + {i}", "source");
            await UntilEqualAsync(pipeline, server);

            await server.ExecuteAsync("""
                BEGIN; DELETE FROM _cdc.ledger; INSERT INTO _cdc.ledger SELECT * FROM copy.ledger; DELETE FROM ill; INSERT INTO ill SELECT * FROM copy.ill;
                DELETE FROM well; INSERT INTO well SELECT * FROM copy.well; DROP SCHEMA copy CASCADE; COMMIT
                """, "target");
            await server.ExecuteAsync(
                $"INSERT INTO ill VALUES (102 + 10 * {i}, 'after'); INSERT INTO well VALUES (102 + 10 * {i}, 'after')", "source");

            await UntilEqualAsync(pipeline, server);
        }
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        foreach (var table in (string[])["ill", "well"])
            await server.ExecuteAsync(
                $"CREATE TABLE {table} (id int PRIMARY KEY, note text); INSERT INTO {table} SELECT i, 'row ' || i FROM " +
                "generate_series(1, 100) i", "source");
        return server;
    }

    private static async Task UntilEqualAsync(RunningPipeline pipeline, PostgresServer server)
    {
        foreach (var table in (string[])["ill", "well"])
            await pipeline.UntilEqualAsync(server, Digest(table));
    }

    private static async Task OtherContinuesAsync(RunningPipeline pipeline, PostgresServer server)
    {
        await server.ExecuteAsync("INSERT INTO well SELECT coalesce(max(id), 0) + 1000, 'goes on' FROM well", "source");
        await pipeline.UntilEqualAsync(server, Digest("well"));
    }

    private static string Digest(string table) =>
        $"SELECT count(*) || md5(string_agg(concat_ws('|', id, note), ';' ORDER BY id)) FROM public.{table}";

    private static Task UntilTroubleAsync(
        RunningPipeline pipeline, ErrorCode code) => Eventually.HoldsAsync($"the table has trouble '{code}'", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Sink.Progress.TroubleOf("shop.public.ill")?.Code == code
            && pipeline.Sink.Progress.NextTryOf("shop.public.ill") is not null;
    }, TimeSpan.FromSeconds(60), Token);

    private static Task UntilWellAsync(RunningPipeline pipeline) => Eventually.HoldsAsync("the table is well again", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Sink.Progress.TroubleOf("shop.public.ill") is null;
    }, TimeSpan.FromSeconds(60), Token);
}

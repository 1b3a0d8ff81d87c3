using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;
using Cdc.Sink.Writers.Postgres;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Writers;

/// <summary>What PostgreSQL alone can do to a writer: roles with settings of their own, tables changed by hand, backends ended.</summary>
public sealed class PostgresWriterTests(Postgres15Target target) : IClassFixture<Postgres15Target>, IAsyncLifetime
{
    private static readonly TableSchema Orders = new(
        new TableId("public", "orders"),
        [
            new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint"),
            new ColumnSchema("name", "name", new ColumnType.Text(), "character varying(5)"),
            new ColumnSchema("address", "address", new ColumnType.Text(), "inet"),
        ],
        [0]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await target.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Settings_of_a_role_do_not_reach_the_rows()
    {
        await target.Server.ExecuteAsync(
            """
            CREATE ROLE hostile SUPERUSER LOGIN; ALTER ROLE hostile SET TimeZone = 'Asia/Tokyo'; ALTER ROLE hostile SET DateStyle = 'German';
            ALTER ROLE hostile SET search_path = 'evil'; ALTER ROLE hostile SET statement_timeout = '300ms';
            ALTER ROLE hostile SET default_transaction_isolation = 'serializable'; ALTER ROLE hostile SET standard_conforming_strings = off;
            ALTER ROLE hostile SET default_transaction_read_only = on; ALTER ROLE hostile SET enable_indexscan = off;
            """);
        await using var writer = new PostgresTableWriter(target.Options with { User = "hostile" }, TimeProvider.System);
        var table = new TargetName("settings", "t");
        var schema = Orders with { Columns = Orders.Columns.SetItem(2,
            new ColumnSchema("address", "address", new ColumnType.Text(), "tstzrange")) };
        await WriteAsync(writer, table, new BatchBuilder(schema).Upsert(1L, "a\\b", "[2024-01-01 00:00:00,)"), schema);
        var rows = await target.QueryAsync("SELECT name, address FROM settings.t");
        Assert.Equal((string?[])["a\\b", "[\"2024-01-01 00:00:00+00\",)"], rows[0]);
    }

    [Theory]
    [InlineData("ALTER TABLE {0} ALTER name TYPE character varying(4)", 5012)]
    [InlineData("ALTER TABLE {0} DROP name", 5012)]
    [InlineData("ALTER TABLE {0} DROP name, ADD name text GENERATED ALWAYS AS ('x') STORED", 5012)]
    [InlineData("DROP TABLE {0}", 5019)]
    [InlineData("ALTER TABLE {0} ALTER id TYPE integer", 5012)]
    [InlineData("ALTER TABLE {0} ADD CHECK (name <> 'b')", 5020)]
    [InlineData("CREATE UNIQUE INDEX ON {0} ((1))", 5020)]
    public async Task Table_changed_by_hand_is_refused(string change, int code)
    {
        var table = new TargetName($"changed {Math.Abs(change.GetHashCode(StringComparison.Ordinal))}", "t");
        await using var writer = target.CreateWriter();
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "a", null), Orders);
        await target.Server.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, change, $"\"{table.Schema}\".t"));
        await using var fresh = target.CreateWriter();
        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(fresh, table, new BatchBuilder(Orders).Upsert(2L, "b", null)));
        Assert.Equal(code, error.Code.Number);
    }

    [Fact]
    public async Task Key_index_that_is_missing_is_made()
    {
        await target.Server.ExecuteAsync("CREATE SCHEMA keyless; CREATE TABLE keyless.t (id bigint, name text UNIQUE, address inet)");
        var table = new TargetName("keyless", "t");
        await using var writer = target.CreateWriter();
        await ClaimAsync(writer, table);

        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "a", null));
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "b", null));

        Assert.Equal([["1", "b"]], await target.QueryAsync("SELECT id::text, name FROM keyless.t"));
        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(2L, "b", null)));
        Assert.Equal(ErrorCodes.TargetValueUnsupported, error.Code); // Somebody's own index stays.
        Assert.Contains("t_name_key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_without_a_procedural_language_is_written_to()
    {
        await target.Server.ExecuteAsync("CREATE DATABASE bare");
        await target.Server.ExecuteAsync("DROP EXTENSION plpgsql", "bare");
        await using var writer = new PostgresTableWriter(target.Options with { Database = "bare" }, TimeProvider.System);

        await WriteAsync(writer, new TargetName("public", "t"), new BatchBuilder(Orders).Upsert(1L, "a", null), Orders);

        Assert.Equal("a", await target.Server.QueryAsync<string>("SELECT name FROM public.t", "bare"));
    }

    [Fact]
    public async Task Connection_that_breaks_in_the_middle_of_a_batch_is_told_as_what_it_is()
    {
        var table = new TargetName("broken", "t");
        var rows = new BatchBuilder(Orders);
        for (var i = 0L; i < 60_000; i++)
            rows.Upsert(i, "x", null);
        await using var writer = target.CreateWriter();
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "a", null), Orders);
        var lost = 0;
        for (var tries = 0; tries < 200 && lost < 5; tries++)
        {
            var writing = Task.Run(() => WriteAsync(writer, table, rows));
            while (!writing.IsCompleted)
                await target.Server.ExecuteAsync(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active' " +
                    "AND pid <> pg_backend_pid()");
            if (await Record.ExceptionAsync(() => writing) is { } error)
            {
                Assert.True(error is CdcException { Kind: ErrorKind.TargetUnreachable }, error.ToString());
                lost++;
            }
        }

        Assert.Equal(5, lost);
    }

    // Invariant 6
    [Fact]
    public async Task Rows_that_are_equal_under_a_new_key_make_room_for_it_once_they_are_read_again()
    {
        var bag = Orders with { Key = [] };
        var table = new TargetName("equal", "t");
        await using var writer = target.CreateWriter();
        await WriteAsync(writer, table, new BatchBuilder(bag).Upsert(1L, "a", null).Upsert(1L, "b", null).Upsert(2L, "c", null), bag);

        var error = await Assert.ThrowsAsync<CdcException>(() =>
            WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(3L, "d", null), Orders));
        Assert.Equal(ErrorCodes.TargetColumnUnsuitable, error.Code);
        Assert.Equal([["3"]], await target.QueryAsync("SELECT count(*)::text FROM equal.t"));
        await target.Server.ExecuteAsync("UPDATE equal.t SET _cdc_offset = -1"); // As where a sink continues at a re-read.
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(3L, "d", null), Orders);

        Assert.Equal([["2", "c"], ["3", "d"]], await target.QueryAsync("SELECT id::text, name FROM equal.t ORDER BY 1"));
    }

    [Fact]
    public async Task Earlier_key_that_somebody_needs_stops_the_table_and_says_how_to_continue()
    {
        var table = new TargetName("needed", "t");
        await using var writer = target.CreateWriter();
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "a", null), Orders);
        await target.Server.ExecuteAsync("CREATE TABLE needed.others (id bigint REFERENCES needed.t)");

        var other = Orders with { Key = [1] };
        var error = await Assert.ThrowsAsync<CdcException>(() =>
            WriteAsync(writer, table, new BatchBuilder(other).Upsert(1L, "b", null), other));

        Assert.Equal(ErrorCodes.TargetColumnUnsuitable, error.Code);
        Assert.Contains("ALTER TABLE \"needed\".\"t\" DROP CONSTRAINT \"t_pkey\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Column_changed_under_a_running_writer_is_looked_at_again()
    {
        // Invariant 4
        var table = new TargetName("altered", "t");
        await using var writer = target.CreateWriter();
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "a", null), Orders);
        await target.Server.ExecuteAsync("ALTER TABLE altered.t ALTER name TYPE text");
        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "b", null)));
        Assert.Equal(ErrorCodes.TargetConflict, error.Code);
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "b", null));
        await target.Server.ExecuteAsync("ALTER TABLE altered.t ALTER name TYPE character varying(4)");
        await Assert.ThrowsAsync<CdcException>(() => WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "c", null)));
        error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "c", null)));
        Assert.Equal(ErrorCodes.TargetColumnUnsuitable, error.Code);
        Assert.Equal([["b"]], await target.QueryAsync("SELECT name FROM altered.t"));
    }

    [Fact]
    public async Task Wider_column_takes_the_values()
    {
        await target.Server.ExecuteAsync(
            "CREATE SCHEMA wider; CREATE TABLE wider.t (id numeric(19,0) UNIQUE, name text, address inet, extra integer)");
        await using var writer = target.CreateWriter();
        var table = new TargetName("wider", "t");
        await using (var transaction = await writer.BeginAsync(Cancel))
        {
            await transaction.ClaimAsync("s", "t", table, Cancel);
            await transaction.WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "a", "10.0.0.1").Build(), Cancel);
            await transaction.WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, BatchBuilder.Unchanged, null).Build(), Cancel);
            await transaction.CommitAsync(Cancel);
        }

        Assert.Equal((string?[])["1", "a", null, null], (await target.QueryAsync("SELECT id, name, address, extra FROM wider.t"))[0]);
    }

    [Fact]
    public async Task Value_the_server_refuses_is_told_by_column_and_not_shown()
    {
        await using var writer = target.CreateWriter();
        var table = new TargetName("refused", "t");
        var copied = await Assert.ThrowsAsync<CdcException>(
            () => WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "ok", null).Upsert(2L, "secret", null), Orders));
        Assert.Equal(ErrorCodes.TargetValueUnsupported, copied.Code);
        Assert.Contains("column 'name'", copied.Message, StringComparison.Ordinal);
        var cast = await Assert.ThrowsAsync<CdcException>(() =>
            WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "ok", "secret"), Orders));
        Assert.Equal(ErrorCodes.TargetValueUnsupported, cast.Code);
        Assert.Contains("'address'", cast.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", copied.ToString() + cast, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_equal_in_value_but_not_in_text_change_places_in_one_batch()
    {
        await using var writer = target.CreateWriter();
        var table = new TargetName("equal keys", "t");
        var schema = Orders with { Columns = Orders.Columns.SetItem(0,
            new ColumnSchema("id", "id", new ColumnType.VariableDecimal(), "numeric")) };
        await WriteAsync(writer, table, new BatchBuilder(schema).Upsert("1.0", "a", null), schema);
        await WriteAsync(writer, table, new BatchBuilder(schema).Upsert("1.00", "b", null).Delete("1.0"));
        Assert.Equal([["1.00", "b"]], await target.QueryAsync("SELECT id, name FROM \"equal keys\".t"));
    }

    [Fact]
    public async Task Backend_that_ends_is_replaced_and_nothing_of_its_transaction_stays()
    {
        await using var writer = target.CreateWriter();
        var table = new TargetName("ended", "t");
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "a", null), Orders);
        var entry = new LedgerEntry("ended", new TopicPartition("t", 0), "id", 1, 0, null, 1);
        var error = await Assert.ThrowsAsync<CdcException>(async () =>
        {
            await using var transaction = await writer.BeginAsync(Cancel);
            await transaction.MoveLedgerAsync([new LedgerMove(null, entry)], Cancel);
            await transaction.WriteAsync(table, new BatchBuilder(Orders).Upsert(1L, "b", null).Build(), Cancel);
            await target.Server.ExecuteAsync(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE state = 'idle in transaction' " +
                "AND application_name = 'cdc sink'");
            await transaction.CommitAsync(Cancel);
        });
        Assert.Equal(ErrorCodes.TargetUnreachable, error.Code);
        Assert.Equal([["a"]], await target.QueryAsync("SELECT name FROM ended.t"));
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "c", null));
        Assert.Equal([["c"]], await target.QueryAsync("SELECT name FROM ended.t"));
    }

    [Fact]
    public async Task Unreachable_server_and_unknown_role_are_told_apart()
    {
        await using var nobody = new PostgresTableWriter(target.Options with { Port = 1 }, TimeProvider.System);
        Assert.Equal(ErrorCodes.TargetUnreachable, (await Assert.ThrowsAsync<CdcException>(() => nobody.BeginAsync(Cancel).AsTask())).Code);
        await using var stranger = new PostgresTableWriter(target.Options with { User = "stranger" }, TimeProvider.System);
        Assert.Equal(ErrorCodes.TargetAccessDenied,
            (await Assert.ThrowsAsync<CdcException>(() => stranger.BeginAsync(Cancel).AsTask())).Code);
    }

    [Fact]
    public async Task Role_without_rights_is_told_so()
    {
        await target.Server.ExecuteAsync("CREATE ROLE poor LOGIN");
        await using (var first = target.CreateWriter())
        {
            await using var transaction = await first.BeginAsync(Cancel);
        }

        await using var writer = new PostgresTableWriter(target.Options with { User = "poor" }, TimeProvider.System);
        var error = await Assert.ThrowsAsync<CdcException>(() =>
            WriteAsync(writer, new TargetName("poor", "t"), new BatchBuilder(Orders).Upsert(1L, "a", null), Orders));
        Assert.Equal(ErrorCodes.TargetAccessDenied, error.Code);
    }

    [Fact]
    public async Task Settings_of_the_role_change_nothing_of_what_is_written()
    {
        await target.Server.ExecuteAsync("""
            CREATE ROLE odd LOGIN SUPERUSER; ALTER ROLE odd SET quote_all_identifiers = on; ALTER ROLE odd SET default_transaction_read_only = on;
            ALTER ROLE odd SET default_transaction_isolation = 'serializable'; ALTER ROLE odd SET statement_timeout = '300ms'; ALTER ROLE odd SET enable_indexscan = off;
            ALTER ROLE odd SET DateStyle = 'German'; ALTER ROLE odd SET search_path = 'nowhere'
            """);
        var table = new TargetName("defaults", "t");
        await using var writer = new PostgresTableWriter(target.Options with { User = "odd" }, TimeProvider.System);

        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "a", null), Orders);
        await target.Server.ExecuteAsync("""
            CREATE FUNCTION defaults.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.6); RETURN NEW; END';
            CREATE TRIGGER slow BEFORE UPDATE ON defaults.t FOR EACH ROW EXECUTE FUNCTION defaults.slow()
            """);
        await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "b", null), Orders);

        Assert.Equal([["1", "b"]], await target.QueryAsync("SELECT id::text, name FROM defaults.t"));
    }

    /// <summary>A policy would hide the row that is there, and it would be inserted a second time, or not be found.</summary>
    [Fact]
    public async Task Rows_that_a_policy_hides_stop_the_table()
    {
        var table = new TargetName("hidden", "t");
        await using (var first = target.CreateWriter())
            await WriteAsync(first, table, new BatchBuilder(Orders).Upsert(1L, "a", null), Orders);
        await target.Server.ExecuteAsync("""
            CREATE ROLE seeing LOGIN; GRANT ALL ON SCHEMA _cdc TO seeing; GRANT ALL ON ALL TABLES IN SCHEMA _cdc TO seeing;
            GRANT ALL ON SCHEMA hidden TO seeing; GRANT ALL ON hidden.t TO seeing; ALTER TABLE hidden.t ENABLE ROW LEVEL SECURITY;
            CREATE POLICY partly ON hidden.t USING (id > 1) WITH CHECK (true)
            """);
        await using var writer = new PostgresTableWriter(target.Options with { User = "seeing" }, TimeProvider.System);

        var error = await Assert.ThrowsAsync<CdcException>(() => WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(1L, "b", null)));

        Assert.Equal(ErrorCodes.TargetTableDenied, error.Code);
    }

    [Fact]
    public async Task Staging_is_empty_after_each_batch_and_gone_with_the_writer()
    {
        var table = new TargetName("staging", "t");
        await using (var writer = target.CreateWriter())
        {
            for (var i = 0L; i < 5; i++)
                await WriteAsync(writer, table, new BatchBuilder(Orders).Upsert(i, "a", null), i == 0 ? Orders : null);
        }

        await Eventually.HoldsAsync("no temporary table is left", async () =>
            (await target.QueryAsync(
                "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname LIKE 'cdc\\_stage\\_%' " +
                "AND pg_relation_size(oid) > 0"))[0][0] is "0", cancellationToken: Cancel);
    }

    private static async Task ClaimAsync(ITableWriter writer, TargetName table)
    {
        await using var transaction = await writer.BeginAsync(Cancel);
        await transaction.ClaimAsync("s", "t", table, Cancel);
        await transaction.CommitAsync(Cancel);
    }

    private static async Task WriteAsync(ITableWriter writer, TargetName table, BatchBuilder batch, TableSchema? make = null)
    {
        await using var transaction = await writer.BeginAsync(Cancel);
        if (make is not null)
            await transaction.EvolveAsync(EvolutionPlanner.Plan(table, await transaction.DescribeAsync(table, Cancel), make), Cancel);
        await transaction.WriteAsync(table, batch.Build(), Cancel);
        await transaction.CommitAsync(Cancel);
    }
}

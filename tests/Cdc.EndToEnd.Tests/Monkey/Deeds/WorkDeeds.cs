using System.Globalization;

namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>Loads, large and odd transactions, locks, and the upkeep of tables.</summary>
internal static class WorkDeeds
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        new("truncate and load in one transaction", LoadAsync),
        new("truncate", TruncateAsync),
        new("truncate a table without a key and load", LoadKeylessAsync),
        new("truncate several at once", TruncateSeveralAsync),
        new("nightly load by swap", SwapLoadAsync),
        new("a large transaction", hand => BigAsync(hand, "COMMIT")),
        new("a large transaction rolled back", hand => BigAsync(hand, "ROLLBACK")),
        new("savepoints", SavepointsAsync),
        new("all rows updated", hand => EveryRowAsync(hand, "UPDATE {0} SET a = coalesce(a, 0) + 1, note = coalesce(note, '') || '.'")),
        new("all rows deleted", hand => EveryRowAsync(hand, "DELETE FROM {0}")),
        new("a prepared transaction, committed", hand => PrepareAsync(hand, "COMMIT PREPARED")),
        new("a prepared transaction, rolled back", hand => PrepareAsync(hand, "ROLLBACK PREPARED")),
        new("an open transaction that wrote", OpenAsync),
        new("a message in the log",
            hand => hand.CommandAsync(
                "SELECT pg_logical_emit_message(true, 'shop', repeat('m', 1000)); SELECT pg_logical_emit_message(false, 'shop', 'm')")),
        new("ACCESS EXCLUSIVE for a while", hand => LockAsync(hand, "ACCESS EXCLUSIVE")),
        new("SHARE for a while", hand => LockAsync(hand, "SHARE")),
        new("ACCESS EXCLUSIVE on many tables for a while", LockManyAsync),
        new("a lock on the catalog for a while", LockCatalogAsync),
        new("a table being rebuilt under a lock", LockedRewriteAsync),
        new("VACUUM FULL", async hand => await hand.DoAsync($"VACUUM FULL {(await hand.TakeAnyAsync()).Sql}")),
        new("VACUUM FULL of a table without a key", VacuumKeylessAsync),
        new("VACUUM FREEZE and ANALYZE", async hand => await hand.DoAsync($"VACUUM (FREEZE, ANALYZE) {(await hand.TakeAnyAsync()).Sql}")),
        new("CLUSTER", ClusterAsync),
        new("REINDEX", async hand => await hand.DoAsync($"REINDEX TABLE {(await hand.TakeAnyAsync()).Sql}")),
        new("an index made concurrently", IndexAsync),
        new("a table rewritten beside and swapped, as pg_repack does", RepackAsync),
        new("checkpoint and a new segment",
            async hand => { await hand.CommandAsync("CHECKPOINT"); await hand.CommandAsync("SELECT pg_switch_wal()"); }),
        new("triggers off and on", TriggersAsync),
        new("rules, views and functions about a table", ViewsAsync),
    ];

    private static string Of(string sql, Victim table) => string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, table.Sql);

    private static async Task LoadAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Composite);
        await hand.FillAsync(table, 100);
        var columns = await hand.AskAsync<string>(
            $"SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = {Victim.Literal(table.Sql)}::regclass AND " +
            "attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''");
        await hand.DoAsync(
            $"CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM {table.Sql}; TRUNCATE {table.Sql}; INSERT " +
            $"INTO {table.Sql} ({columns}) SELECT {columns} FROM kept; UPDATE {table.Sql} SET note = 'loaded' WHERE a % 2 = 0");
    }

    private static async Task TruncateAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.DoAsync($"TRUNCATE {table.Sql} RESTART IDENTITY CASCADE");
        await hand.PauseAsync();
        await hand.FillAsync(table, 30);
    }

    private static async Task LoadKeylessAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyless);
        await hand.DoAsync(
            $"TRUNCATE {table.Sql}; INSERT INTO {table.Sql} (a, note) SELECT i % 5, 'loaded' FROM generate_series(1, 60) i; " +
            $"UPDATE {table.Sql} SET a = 77 WHERE a = 3");
        await hand.PauseAsync();
        await hand.TouchAsync(table);
    }

    private static async Task TruncateSeveralAsync(Hand hand)
    {
        var (one, two, three) = (await hand.TakeAnyAsync(), await hand.TakeAsync(Shape.Keyless), await hand.TakeAsync(Shape.Parent));
        await hand.DoAsync($"TRUNCATE {one.Sql}, {two.Sql}, {three.Sql}");
        await hand.FillAsync(one);
        await hand.FillAsync(two);
        await hand.FillAsync(three);
    }

    private static async Task SwapLoadAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        for (var night = 0; night < 2; night++)
        {
            await hand.DoAsync(
                $"DROP TABLE IF EXISTS {table.Beside("_load")}; CREATE TABLE {table.Beside("_load")} (LIKE {table.Sql} INCLUDING ALL)");
            await hand.FillAsync(table.Beside("_load"), 60);
            await hand.DoAsync($"DROP TABLE {table.Sql}; ALTER TABLE {table.Beside("_load")} RENAME TO {Victim.Quote(table.Name)}");
            await hand.PauseAsync();
        }
    }

    private static async Task BigAsync(Hand hand, string end)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.HoldAsync($"UPDATE {table.Sql} SET a = coalesce(a, 0) + 1; UPDATE {table.Sql} SET note = repeat('big ', 100)", 1, end);
        var big = await hand.TakeAsync(Shape.Big);
        await hand.HoldAsync(
            $"INSERT INTO {big.Sql} (id, a) SELECT nextval('monkey.uids'), i FROM generate_series(1, 8000) i; DELETE " +
            $"FROM {big.Sql} WHERE id IN (SELECT id FROM {big.Sql} ORDER BY id LIMIT 8000)", 1, end);
    }

    private static async Task SavepointsAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.HoldAsync(string.Join("; ", Enumerable.Range(0, 70).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"SAVEPOINT s{i}; UPDATE {table.Sql} SET a = {i} WHERE ctid IN (SELECT ctid FROM {table.Sql} LIMIT " +
            $"2); {(i % 3 == 0 ? "ROLLBACK TO" : "RELEASE")} SAVEPOINT s{i}"))), 1);
    }

    private static async Task EveryRowAsync(Hand hand, string sql)
    {
        var (one, two) = (await hand.TakeAnyAsync(), await hand.TakeAsync(Shape.Keyless, Shape.Partitioned));
        await hand.DoAsync($"{Of(sql, one)}; {Of(sql, two)}");
        await hand.FillAsync(one);
        await hand.FillAsync(two);
    }

    private static async Task PrepareAsync(Hand hand, string end)
    {
        var table = await hand.TakeAnyAsync();
        var name = $"'two_{Hand.Fresh()}'";
        await hand.HoldAsync($"UPDATE {table.Sql} SET a = 5, note = 'prepared' WHERE ctid IN (SELECT ctid FROM {table.Sql} LIMIT 10)", 1,
            $"PREPARE TRANSACTION {name}");
        await hand.PauseAsync(5);
        await hand.DoAsync($"{end} {name}");
    }

    private static async Task OpenAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.HoldAsync($"UPDATE {table.Sql} SET a = 6 WHERE ctid IN (SELECT ctid FROM {table.Sql} LIMIT 10)", 5);
    }

    private static async Task LockAsync(Hand hand, string mode)
    {
        var table = await hand.TakeAnyAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{Hand.Fresh()} int DEFAULT 1");
        await hand.HoldAsync(
            $"LOCK TABLE {table.Sql} IN {mode} MODE; UPDATE {table.Sql} SET a = 8 WHERE ctid IN (SELECT ctid FROM {table.Sql} LIMIT 10)");
    }

    private static async Task LockManyAsync(Hand hand)
    {
        var tables = new List<Victim>();
        for (var i = 0; i < 4; i++)
            tables.Add(await hand.TakeAsync(Shape.Keyed, Shape.Keyless));
        await hand.HoldAsync($"LOCK TABLE {string.Join(", ", tables.Select(table => table.Sql))} IN ACCESS EXCLUSIVE MODE");
    }

    private static Task LockCatalogAsync(Hand hand) => hand.HoldAsync(
        $"CREATE TABLE shop.uncommitted_{Hand.Fresh()} (id int PRIMARY KEY); CREATE SCHEMA uncommitted_{Hand.Fresh()}", 5, "ROLLBACK");

    private static async Task LockedRewriteAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.HoldAsync(
            $"ALTER TABLE {table.Sql} ADD COLUMN c_{Hand.Fresh()} float8 DEFAULT random(), ALTER COLUMN a TYPE int USING a + 1");
    }

    private static async Task VacuumKeylessAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyless);
        await hand.DoAsync($"VACUUM FULL {table.Sql}");
        await hand.TouchAsync(table);
    }

    private static async Task ClusterAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Composite);
        var index = await hand.AskAsync<string>(
            "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisprimary " +
            $"AND i.indrelid = {Victim.Literal(table.Sql)}::regclass");
        await hand.DoAsync($"CLUSTER {table.Sql} USING {Victim.Quote(index)}");
        await hand.TouchAsync(table);
    }

    private static async Task IndexAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        var name = $"index_{Hand.Fresh()}";
        await hand.DoAsync($"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table.Sql} (a)");
        await hand.DoAsync($"DROP INDEX {Victim.Quote(table.Schema)}.{name}");
    }

    // pg_repack keeps the oid and swaps the files; a copy of the rows under the same oid is what SQL can do of it.
    private static async Task RepackAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.DoAsync(
            $"ALTER TABLE {table.Sql} SET (fillfactor = 70); ALTER TABLE {table.Sql} ADD COLUMN repacked float8 DEFAULT random(); ALTER " +
            $"TABLE {table.Sql} DROP COLUMN repacked");
        await hand.TouchAsync(table);
    }

    private static async Task TriggersAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} DISABLE TRIGGER USER; ALTER TABLE {table.Sql} ENABLE TRIGGER USER");
        await hand.TouchAsync(table);
    }

    private static async Task ViewsAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        var name = $"shop.seen_{Hand.Fresh()}";
        await hand.DoAsync(
            $"CREATE VIEW {name} AS SELECT a FROM {table.Sql}; CREATE MATERIALIZED VIEW {name}_kept AS SELECT a FROM {table.Sql}; CREATE " +
            $"SEQUENCE {name}_numbers");
        await hand.PauseAsync();
        await hand.DoAsync(
            $"REFRESH MATERIALIZED VIEW {name}_kept; DROP VIEW {name}; DROP MATERIALIZED VIEW {name}_kept; DROP SEQUENCE {name}_numbers");
    }
}

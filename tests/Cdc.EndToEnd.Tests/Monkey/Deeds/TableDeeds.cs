namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>Tables come, go, get other names, and change places.</summary>
internal static class TableDeeds
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        new("create a table with its rows", CreateFilledAsync),
        new("create a table, fill it later", CreateAsync),
        new("create a table without a key", CreateKeylessAsync),
        new("create a table, give it its key later", CreateThenKeyAsync),
        new("create, write and drop at once", ScratchAsync),
        new("create, write, wait a little and drop", ScratchLaterAsync),
        new("create a table without columns", CreateColumnlessAsync),
        new("drop a table", DropAsync),
        new("drop and create again", DropAndCreateAsync),
        new("drop and create again in one transaction", DropAndCreateAtOnceAsync),
        new("drop and create again with other columns", DropAndCreateOtherAsync),
        new("drop and create again twice", DropAndCreateTwiceAsync),
        new("rename there and back", RenameAndBackAsync),
        new("rename for good", RenameAsync),
        new("move to another schema and back", MoveAndBackAsync),
        new("move to another schema", MoveAsync),
        new("move out of the selection and back", HideAsync),
        new("swap by two renames", SwapAsync),
        new("swap in a table with other columns", SwapOtherAsync),
        new("create unlogged, fill, make it logged", UnloggedThenLoggedAsync),
        new("unlogged and logged again", LoggedUnloggedAsync),
        new("inherit, and no longer", InheritAsync),
        new("change rows of parent and child", FamilyAsync),
        new("drop all columns", DropAllColumnsAsync) { MayStop = ["CDC-2079"] },
    ];

    /// <summary>A table of the simple shape, made now.</summary>
    public static async Task<Victim> MakeAsync(Hand hand, string schema = "shop", string keyType = "bigint")
    {
        var table = hand.Add(schema, $"made_{Hand.Fresh()}", Shape.Keyed);
        await hand.DoAsync(Estate.Keyed(table, keyType, 0));
        return table;
    }

    private static Task<string> KeyTypeAsync(Hand hand, Victim table) =>
        hand.AskAsync<string>(
            $"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = {Victim.Literal(table.Sql)}::regclass AND " +
            "attname = 'id'");

    private static async Task CreateFilledAsync(Hand hand)
    {
        var table = await MakeAsync(hand, "ops");
        await hand.PauseAsync();
        await hand.TouchAsync(table);
    }

    private static async Task CreateAsync(Hand hand)
    {
        var table = hand.Add("shop", $"made_{Hand.Fresh()}", Shape.Keyed);
        await hand.DoAsync($"CREATE TABLE {table.Sql} (id uuid PRIMARY KEY, a int, note text, amount numeric(12,2))");
        await hand.PauseAsync();
        await hand.FillAsync(table);
    }

    private static async Task CreateKeylessAsync(Hand hand)
    {
        var table = hand.Add("ops", $"made_{Hand.Fresh()}", Shape.Keyless);
        await hand.DoAsync($"CREATE TABLE {table.Sql} (a int, note text, weight float8); ALTER TABLE {table.Sql} REPLICA IDENTITY FULL");
        await hand.FillAsync(table);
        await hand.PauseAsync();
        await hand.TouchAsync(table);
    }

    private static async Task CreateThenKeyAsync(Hand hand)
    {
        var table = hand.Add("shop", $"made_{Hand.Fresh()}", Shape.Keyed);
        await hand.DoAsync(
            $"CREATE TABLE {table.Sql} AS SELECT i::bigint AS id, i AS a, 'made'::text AS note, 1.5::numeric(12,2) AS amount " +
            "FROM generate_series(1, 50) i");
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} ADD PRIMARY KEY (id)");
        await hand.TouchAsync(table);
    }

    private static async Task ScratchAsync(Hand hand)
    {
        var name = $"shop.scratch_{Hand.Fresh()}";
        await hand.DoAsync(
            $"CREATE TABLE {name} AS SELECT i AS id FROM generate_series(1, 100) i; ALTER TABLE {name} ADD PRIMARY KEY (id); " +
            $"UPDATE {name} SET id = id + 1000; DROP TABLE {name}");
        await hand.DoAsync($"CREATE TABLE {name} (id int PRIMARY KEY)");
        await hand.DoAsync($"INSERT INTO {name} SELECT generate_series(1, 100)");
        await hand.DoAsync($"DROP TABLE {name}");
    }

    private static async Task ScratchLaterAsync(Hand hand)
    {
        var name = $"ops.scratch_{Hand.Fresh()}";
        await hand.DoAsync($"CREATE TABLE {name} (id int PRIMARY KEY, a int, note text)");
        await hand.DoAsync($"INSERT INTO {name} SELECT i, i, 'scratch' FROM generate_series(1, 100) i");
        await hand.PauseAsync(5);
        await hand.DoAsync($"UPDATE {name} SET a = 2; DROP TABLE {name}");
    }

    private static async Task CreateColumnlessAsync(Hand hand)
    {
        var table = hand.Add("ops", $"made_{Hand.Fresh()}", Shape.Columnless);
        await hand.DoAsync($"CREATE TABLE {table.Sql} ()");
        await hand.PauseAsync();
        await hand.DoAsync($"INSERT INTO {table.Sql} DEFAULT VALUES");
    }

    private static async Task DropAsync(Hand hand)
    {
        var table = await MakeAsync(hand);
        await hand.PauseAsync(5);
        await hand.FillAsync(table);
        await hand.DoAsync($"DROP TABLE {table.Sql}");
        hand.Drop(table);
    }

    private static async Task DropAndCreateAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        var again = Estate.Keyed(table, await KeyTypeAsync(hand, table), 0);
        await hand.DoAsync($"DROP TABLE {table.Sql} CASCADE");
        await hand.PauseAsync();
        await hand.DoAsync(again);
    }

    private static async Task DropAndCreateAtOnceAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.DoAsync($"DROP TABLE {table.Sql} CASCADE; {Estate.Keyed(table, await KeyTypeAsync(hand, table), 0)}");
        await hand.PauseAsync();
        await hand.TouchAsync(table);
    }

    private static async Task DropAndCreateOtherAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        var keyType = await KeyTypeAsync(hand, table);
        await hand.DoAsync($"DROP TABLE {table.Sql} CASCADE");
        await hand.DoAsync($"CREATE TABLE {table.Sql} (other text, id {keyType} PRIMARY KEY, a int, note text)");
        await hand.FillAsync(table, 30);
        await hand.PauseAsync();
        await hand.TouchAsync(table);
    }

    private static async Task DropAndCreateTwiceAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        var again = Estate.Keyed(table, await KeyTypeAsync(hand, table), 0);
        for (var i = 0; i < 2; i++)
        {
            await hand.DoAsync($"DROP TABLE {table.Sql} CASCADE");
            await hand.DoAsync(again);
            await hand.PauseAsync(1);
        }
    }

    private static async Task RenameAndBackAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        var other = table.Beside("_renamed");
        await hand.DoAsync($"ALTER TABLE {table.Sql} RENAME TO {Victim.Quote(table.Name + "_renamed")}");
        await hand.TouchAsync(other);
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {other} RENAME TO {Victim.Quote(table.Name)}");
    }

    private static async Task RenameAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Composite);
        var name = $"named_{Hand.Fresh()}";
        await hand.DoAsync($"ALTER TABLE {table.Sql} RENAME TO {name}");
        table.Name = name;
        await hand.PauseAsync();
        await hand.TouchAsync(table);
    }

    private static async Task MoveAndBackAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Toasted);
        var other = $"hr_{Hand.Fresh()}";
        await hand.DoAsync($"CREATE SCHEMA {other}; ALTER TABLE {table.Sql} SET SCHEMA {other}");
        await hand.TouchAsync($"{other}.{Victim.Quote(table.Name)}");
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {other}.{Victim.Quote(table.Name)} SET SCHEMA {Victim.Quote(table.Schema)}; DROP SCHEMA {other}");
    }

    private static async Task MoveAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        var other = $"hr_{Hand.Fresh()}";
        await hand.DoAsync($"CREATE SCHEMA {other}; ALTER TABLE {table.Sql} SET SCHEMA {other}");
        table.Schema = other;
        await hand.PauseAsync();
        await hand.TouchAsync(table);
    }

    private static async Task HideAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} SET SCHEMA {Estate.Hidden}");
        await hand.TouchAsync($"{Estate.Hidden}.{Victim.Quote(table.Name)}");
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {Estate.Hidden}.{Victim.Quote(table.Name)} SET SCHEMA {Victim.Quote(table.Schema)}");
    }

    private static async Task SwapAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Composite);
        var fresh = table.Beside("_new");
        await hand.DoAsync($"CREATE TABLE {fresh} (LIKE {table.Sql} INCLUDING ALL)");
        await hand.FillAsync(fresh, 50);
        await hand.PauseAsync();
        await hand.DoAsync(
            $"ALTER TABLE {table.Sql} RENAME TO {Victim.Quote(table.Name + "_old")}; ALTER TABLE {fresh} RENAME " +
            $"TO {Victim.Quote(table.Name)}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"DROP TABLE {table.Beside("_old")}");
    }

    private static async Task SwapOtherAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        var fresh = table.Beside("_new");
        await hand.DoAsync($"CREATE TABLE {fresh} (a int, more text, note text, id {await KeyTypeAsync(hand, table)} PRIMARY KEY)");
        await hand.FillAsync(fresh, 40);
        await hand.DoAsync(
            $"ALTER TABLE {table.Sql} RENAME TO {Victim.Quote(table.Name + "_old")}; ALTER TABLE {fresh} RENAME " +
            $"TO {Victim.Quote(table.Name)}");
        await hand.PauseAsync();
        await hand.DoAsync($"DROP TABLE {table.Beside("_old")} CASCADE");
    }

    private static async Task UnloggedThenLoggedAsync(Hand hand)
    {
        var table = hand.Add("shop", $"made_{Hand.Fresh()}", Shape.Keyed);
        await hand.DoAsync(
            $"CREATE UNLOGGED TABLE {table.Sql} (id bigint PRIMARY KEY, a int, note text, amount numeric(12,2)); INSERT " +
            $"INTO {table.Sql} SELECT i, i FROM generate_series(1, 50) i");
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} SET LOGGED");
    }

    private static async Task LoggedUnloggedAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        // At once, so that the product does not bring it back in between.
        await hand.CommandAsync($"""
            DO $do$ BEGIN
            IF EXISTS (SELECT FROM pg_publication_rel WHERE prrelid = {Victim.Literal(table.Sql)}::regclass) THEN ALTER PUBLICATION {PublicationDeeds.Name} DROP TABLE {table.Sql}; END IF;
            ALTER TABLE {table.Sql} SET UNLOGGED;
            END $do$
            """);
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} SET LOGGED");
    }

    private static async Task InheritAsync(Hand hand)
    {
        var parent = await hand.TakeAsync(Shape.Parent);
        await hand.DoAsync($"ALTER TABLE {parent.Beside("_child")} NO INHERIT {parent.Sql}");
        await hand.TouchAsync(parent.Beside("_child"));
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {parent.Beside("_child")} INHERIT {parent.Sql}");
        await hand.TouchAsync(parent);
    }

    private static async Task FamilyAsync(Hand hand)
    {
        var parent = await hand.TakeAsync(Shape.Parent);
        await hand.CommandAsync(
            $"UPDATE {parent.Sql} SET a = a + 1; UPDATE ONLY {parent.Sql} SET note = 'only'; DELETE FROM {parent.Sql} WHERE a % 7 = 3");
        await hand.DoAsync($"ALTER TABLE {parent.Sql} ADD COLUMN c_{Hand.Fresh()} int DEFAULT 5");
        await hand.TouchAsync(parent.Beside("_child"));
    }

    private static async Task DropAllColumnsAsync(Hand hand)
    {
        var table = hand.Add("ops", $"made_{Hand.Fresh()}", Shape.Columnless);
        await hand.DoAsync($"CREATE TABLE {table.Sql} (id int PRIMARY KEY, note text); INSERT INTO {table.Sql} VALUES (1, 'x'), (2, 'y')");
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} DROP COLUMN id, DROP COLUMN note");
    }
}

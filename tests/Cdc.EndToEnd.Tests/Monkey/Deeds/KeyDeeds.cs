namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>What tells a table's rows apart becomes another: keys and replica identities.</summary>
internal static class KeyDeeds
{
    private const string Key = "SELECT conname::text FROM pg_constraint WHERE contype = 'p' AND conrelid = ";

    public static IReadOnlyList<Deed> All { get; } =
    [
        new("drop the key, whole rows instead, and back", DropKeyAsync),
        new("a key of more columns", MoreColumnsAsync),
        new("a key of fewer columns", FewerColumnsAsync),
        new("the key becomes a bigserial", SerialKeyAsync),
        new("a key for a table without one", GiveKeyAsync),
        new("another key under full identity", OtherKeyUnderFullAsync),
        new("a wider key", hand => AlterKeyAsync(hand, "ALTER COLUMN id TYPE bigint")) { MayStop = ["CDC-5012"] },
        new("another name for the key column", RenameKeyAsync),
        new("the key made anew", RemakeKeyAsync),
        new("change of keys", ChangeKeysAsync),
        new("full identity and back", hand => IdentityAsync(hand, "FULL")),
        new("full identity with a generated column", GeneratedIdentityAsync),
        new("identity by another index and back", hand => IdentityAsync(hand, "")),
        new("no identity and back", hand => IdentityAsync(hand, "NOTHING")),
        new("the identity's index dropped", IdentityIndexDroppedAsync),
        new("a long value that does not change, and a new key", ToastedKeyAsync),
    ];

    private static Task<string> KeyOfAsync(Hand hand, Victim table) => hand.AskAsync<string>($"{Key}{Victim.Literal(table.Sql)}::regclass");

    private static async Task<string> DropOfKeyAsync(
        Hand hand, Victim table) => $"DROP CONSTRAINT {Victim.Quote(await KeyOfAsync(hand, table))}";

    private static async Task DropKeyAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.DoAsync($"ALTER TABLE {table.Sql} {await DropOfKeyAsync(hand, table)}, REPLICA IDENTITY FULL");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} ADD PRIMARY KEY (id), REPLICA IDENTITY DEFAULT");
        await hand.TouchAsync(table);
    }

    private static async Task MoreColumnsAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.DoAsync(
            $"ALTER TABLE {table.Sql} ADD COLUMN IF NOT EXISTS org int NOT NULL DEFAULT 1; ALTER " +
            $"TABLE {table.Sql} {await DropOfKeyAsync(hand, table)}, ADD PRIMARY KEY (org, id)");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"UPDATE {table.Sql} SET org = 2 WHERE a % 2 = 0");
    }

    private static async Task FewerColumnsAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Composite);
        await hand.DoAsync($"ALTER TABLE {table.Sql} {await DropOfKeyAsync(hand, table)}, ADD PRIMARY KEY (id)");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"UPDATE {table.Sql} SET org = coalesce(org, 0) + 10 WHERE a % 3 = 0");
    }

    private static async Task SerialKeyAsync(Hand hand)
    {
        var table = hand.Add("ops", $"made_{Hand.Fresh()}", Shape.Keyed);
        await hand.DoAsync(
            $"CREATE TABLE {table.Sql} (code text PRIMARY KEY, a int, note text, amount numeric(12,2)); INSERT INTO {table.Sql} SELECT " +
            "'c' || i, i FROM generate_series(1, 40) i");
        await hand.PauseAsync(5);
        await hand.DoAsync($"ALTER TABLE {table.Sql} {await DropOfKeyAsync(hand, table)}, ADD COLUMN id bigserial PRIMARY KEY");
        await hand.TouchAsync(table);
    }

    private static async Task GiveKeyAsync(Hand hand)
    {
        var table = hand.Add("shop", $"made_{Hand.Fresh()}", Shape.Keyed);
        await hand.DoAsync(
            $"CREATE TABLE {table.Sql} (id bigint NOT NULL, a int, note text, amount numeric(12,2)); ALTER TABLE {table.Sql} REPLICA " +
            $"IDENTITY FULL; INSERT INTO {table.Sql} SELECT i, i FROM generate_series(1, 40) i");
        await hand.PauseAsync(5);
        await hand.DoAsync($"UPDATE {table.Sql} SET note = 'later'");
        await hand.DoAsync(
            $"DELETE FROM {table.Sql} x USING {table.Sql} y WHERE x.id = y.id AND x.ctid < y.ctid; ALTER TABLE {table.Sql} ADD PRIMARY " +
            "KEY (id), REPLICA IDENTITY DEFAULT");
        await hand.TouchAsync(table);
    }

    private static async Task OtherKeyUnderFullAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Composite);
        await hand.DoAsync($"ALTER TABLE {table.Sql} REPLICA IDENTITY FULL");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} {await DropOfKeyAsync(hand, table)}, ADD PRIMARY KEY (id)");
        await hand.TouchAsync(table);
        await hand.DoAsync($"UPDATE {table.Sql} SET org = coalesce(org, 0) + 1 WHERE a % 2 = 0");
        await hand.PauseAsync();
        await hand.DoAsync(
            $"UPDATE {table.Sql} SET org = 0 WHERE org IS NULL; ALTER TABLE {table.Sql} {await DropOfKeyAsync(hand, table)}, ADD PRIMARY " +
            "KEY (org, id), REPLICA IDENTITY DEFAULT");
    }

    private static async Task AlterKeyAsync(Hand hand, string change)
    {
        var table = hand.Add("shop", $"made_{Hand.Fresh()}", Shape.Keyed);
        await hand.DoAsync(Estate.Keyed(table, "integer", 0));
        await hand.PauseAsync(5);
        await hand.DoAsync($"ALTER TABLE {table.Sql} {change}");
        await hand.TouchAsync(table);
    }

    private static async Task RenameKeyAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.DoAsync($"ALTER TABLE {table.Sql} RENAME COLUMN id TO number");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} RENAME COLUMN number TO id");
        await hand.TouchAsync(table);
    }

    private static async Task RemakeKeyAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.DoAsync($"ALTER TABLE {table.Sql} {await DropOfKeyAsync(hand, table)}");
        await hand.FillAsync(table, 5);
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} ADD PRIMARY KEY (id)");
        await hand.TouchAsync(table);
    }

    private static async Task ChangeKeysAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Composite);
        await hand.DoAsync($"UPDATE {table.Sql} SET org = org + 1, id = id + 1000000000");
        await hand.DoAsync($"UPDATE {table.Sql} SET id = -id; UPDATE {table.Sql} SET id = -id; DELETE FROM {table.Sql} WHERE a % 5 = 0");
    }

    private static async Task IdentityAsync(Hand hand, string identity)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        if (identity.Length == 0)
        {
            var index = $"by_{Hand.Fresh()}";
            await hand.DoAsync(
                $"ALTER TABLE {table.Sql} ADD COLUMN {index} uuid NOT NULL DEFAULT gen_random_uuid(); CREATE UNIQUE " +
                $"INDEX {index} ON {table.Sql} ({index})");
            identity = $"USING INDEX {index}";
        }

        await hand.DoAsync($"ALTER TABLE {table.Sql} REPLICA IDENTITY {identity}");
        await hand.FillAsync(table, 5);
        if (identity != "NOTHING")
            await hand.TouchAsync(table);
        await hand.PauseAsync(5);
        await hand.DoAsync($"ALTER TABLE {table.Sql} REPLICA IDENTITY DEFAULT");
        await hand.TouchAsync(table);
    }

    private static async Task GeneratedIdentityAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Generated);
        await hand.DoAsync($"ALTER TABLE {table.Sql} REPLICA IDENTITY FULL");
        await hand.PauseAsync();
        await hand.TouchAsync(table);
        await hand.DoAsync($"ALTER TABLE {table.Sql} REPLICA IDENTITY DEFAULT");
    }

    private static async Task IdentityIndexDroppedAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        var index = $"by_{Hand.Fresh()}";
        await hand.DoAsync(
            $"ALTER TABLE {table.Sql} ADD COLUMN {index} uuid NOT NULL DEFAULT gen_random_uuid(); CREATE UNIQUE " +
            $"INDEX {index} ON {table.Sql} ({index}); ALTER TABLE {table.Sql} REPLICA IDENTITY USING INDEX {index}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"DROP INDEX {Victim.Quote(table.Schema)}.{index}");
        await hand.FillAsync(table, 5);
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} REPLICA IDENTITY DEFAULT");
        await hand.TouchAsync(table);
    }

    private static async Task ToastedKeyAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Toasted);
        await hand.DoAsync(
            $"UPDATE {table.Sql} SET id = id + 1000000000 WHERE a % 3 = 0; UPDATE {table.Sql} SET note = 'the body stays' WHERE a % 3 = 1");
    }
}

using Cdc.EndToEnd.Tests.Monkey;

namespace Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

/// <summary>Tables and schemas of the target go, get other names and other columns.</summary>
internal static class TableDeeds
{
    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        new("drop a table", DropAsync),
        new("drop a table without a key", hand => DropAsync(hand, Shape.Keyless)),
        new("drop the large table", hand => DropAsync(hand, Shape.Big)),
        new("rename there and back", hand => AwayAndBackAsync(hand, name => $"RENAME TO {name}", name => name, "CDC-5019")),
        new("move to another schema and back", MoveAsync),
        new("drop a schema", DropSchemaAsync),
        new("rename a schema there and back", RenameSchemaAsync),
        new("an empty copy in a table's place", ReplaceAsync),
        new("a table of somebody else in a table's place", ReplaceByOtherAsync),
        new("a column more", hand => AlterAsync(hand, "ADD COLUMN by_hand int DEFAULT 5", "DROP COLUMN by_hand")),
        new("a wider type", hand => AlterAsync(hand, "ALTER COLUMN a TYPE bigint", "ALTER COLUMN a TYPE int")),
        new("a narrower type and back", hand => StopAsync(hand, "ALTER COLUMN a TYPE smallint", "ALTER COLUMN a TYPE int", "CDC-5012")),
        new("text instead of numbers and back",
            hand => StopAsync(hand, "ALTER COLUMN a TYPE text", "ALTER COLUMN a TYPE int USING a::int", "CDC-5012")),
        new("a shorter text and back",
            hand => StopAsync(hand, "ALTER COLUMN note TYPE varchar(60)", "ALTER COLUMN note TYPE text", "CDC-5012")),
        new("rename a column there and back", RenameColumnAsync),
        new("rename the key column there and back", RenameKeyAsync),
        new("drop a column", DropColumnAsync),
        new("drop a metadata column", DropMetadataAsync),
        new("the source adds a column", AddAtSourceAsync),
    ];

    private static Task DropAsync(TargetHand hand) => DropAsync(hand, Shape.Keyed, Shape.Composite, Shape.Toasted);

    private static async Task DropAsync(TargetHand hand, params Shape[] shapes)
    {
        var table = await hand.TakeAsync(shapes);
        await hand.DbaAsync($"DROP TABLE {table.Sql} CASCADE");
        await hand.TouchAsync(table);
        await hand.MeetsAsync(table, "CDC-5019");
        await hand.PauseAsync();
        await hand.ResyncAsync(table);
    }

    private static async Task AwayAndBackAsync(TargetHand hand, Func<string, string> away, Func<string, string> other, string code)
    {
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Keyless, Shape.Toasted);
        var name = $"away_{TargetHand.Fresh()}";
        await hand.StopsAsync(table, $"ALTER TABLE {table.Sql} {away(name)}",
            $"ALTER TABLE {Victim.Quote(table.Schema)}.{other(name)} RENAME TO {Victim.Quote(table.Name)}", code);
    }

    private static async Task MoveAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var schema = $"elsewhere_{TargetHand.Fresh()}";
        await hand.DbaAsync($"CREATE SCHEMA {schema}");
        await hand.StopsAsync(table, $"ALTER TABLE {table.Sql} SET SCHEMA {schema}",
            $"ALTER TABLE {schema}.{Victim.Quote(table.Name)} SET SCHEMA {Victim.Quote(table.Schema)}", "CDC-5019");
        await hand.DbaAsync($"DROP SCHEMA {schema}");
    }

    private static async Task DropSchemaAsync(TargetHand hand)
    {
        var tables = await hand.TakeSchemaAsync(Stock.Yard);
        await hand.DbaAsync($"DROP SCHEMA {Stock.Yard} CASCADE");
        foreach (var table in tables)
        {
            await hand.TouchAsync(table);
            await hand.MeetsAsync(table, "CDC-5019");
        }

        await hand.ResyncAsync(tables);
        await hand.SettlesAsync(tables);
    }

    private static async Task RenameSchemaAsync(TargetHand hand)
    {
        var tables = await hand.TakeSchemaAsync(Stock.Yard);
        await hand.StopsAsync(tables[0], $"ALTER SCHEMA {Stock.Yard} RENAME TO yard_away", $"ALTER SCHEMA yard_away RENAME TO {Stock.Yard}",
            "CDC-5019", "CDC-5012", "CDC-5025");
        await hand.SettlesAsync(tables);
    }

    /// <summary>Nobody can see it: the administrator says so.</summary>
    private static async Task ReplaceAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var old = $"old_{TargetHand.Fresh()}";
        await hand.DbaAsync(
            $"ALTER TABLE {table.Sql} RENAME TO {old}; CREATE TABLE {table.Sql} (LIKE {Victim.Quote(table.Schema)}.{old} INCLUDING ALL); " +
            $"ALTER TABLE {table.Sql} OWNER TO {Warehouse.Sink}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.ResyncAsync(table);
        await hand.DbaAsync($"DROP TABLE {Victim.Quote(table.Schema)}.{old}");
    }

    private static async Task ReplaceByOtherAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.DbaAsync(
            $"DROP TABLE {table.Sql}; CREATE TABLE {table.Sql} (id text PRIMARY KEY, whatever int); INSERT INTO {table.Sql} VALUES " +
            $"('mine', 1); ALTER TABLE {table.Sql} OWNER TO {Warehouse.Sink}");
        await hand.TouchAsync(table);
        await hand.MeetsAsync(table, "CDC-5012", "CDC-5011");
        await hand.DbaAsync($"DROP TABLE {table.Sql}");
        await hand.ResyncAsync(table);
    }

    private static async Task AlterAsync(TargetHand hand, string change, string back)
    {
        var table = await hand.TakeAsync();
        await hand.DbaAsync($"ALTER TABLE {table.Sql} {change}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DbaAsync($"ALTER TABLE {table.Sql} {back}");
        await hand.TouchAsync(table);
    }

    private static async Task StopAsync(TargetHand hand, string change, string back, params string[] codes)
    {
        var table = await hand.TakeAsync();
        await hand.StopsAsync(table, $"ALTER TABLE {table.Sql} {change}", $"ALTER TABLE {table.Sql} {back}", codes);
    }

    private static async Task RenameColumnAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.WhileKnownAsync("warehouse", table, () =>
            hand.StopsAsync(table, $"ALTER TABLE {table.Sql} RENAME COLUMN note TO remark",
                $"ALTER TABLE {table.Sql} RENAME COLUMN remark TO note", "CDC-5012"));
    }

    private static async Task RenameKeyAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.WhileKnownAsync("warehouse", table, () =>
            hand.StopsAsync(table, $"ALTER TABLE {table.Sql} RENAME COLUMN id TO number",
                $"ALTER TABLE {table.Sql} RENAME COLUMN number TO id", "CDC-5012"));
    }

    private static async Task DropColumnAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.WhileKnownAsync("warehouse", table, async () =>
        {
            await hand.DbaAsync($"ALTER TABLE {table.Sql} DROP COLUMN note");
            await hand.TouchAsync(table);
            await hand.MeetsAsync(table, "CDC-5012");
            await hand.PauseAsync(4);
        });
        if (hand.Random.Next(2) == 0)
            await hand.DbaAsync($"DROP TABLE {table.Sql}");
        await hand.ResyncAsync(table);
    }

    private static async Task DropMetadataAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.DbaAsync($"ALTER TABLE {table.Sql} DROP COLUMN _cdc_offset");
        await hand.TouchAsync(table);
        await hand.MeetsAsync(table, "CDC-5012");
        await hand.DbaAsync($"DROP TABLE {table.Sql}");
        await hand.ResyncAsync(table);
    }

    private static async Task AddAtSourceAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} text");
        await hand.TouchAsync(table);
    }
}

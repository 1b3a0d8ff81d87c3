namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>Types of the user's change under the tables that use them.</summary>
internal static class TypeDeeds
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        new("a new label of an enum", AddLabelAsync),
        new("another name for a label", RenameLabelAsync),
        new("a domain's rules change", DomainAsync),
        new("a composite type grows", CompositeAsync),
        new("another name for a type", RenameTypeAsync),
        new("an enum replaced by another", ReplaceEnumAsync),
        new("a new type and a column of it at once", NewTypeAsync),
        new("a column and its type dropped", DropTypeAsync),
    ];

    private static async Task AddLabelAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Typed);
        var label = $"label {Hand.Fresh()}";
        await hand.DoAsync($"ALTER TYPE {table.Beside("_mood")} ADD VALUE '{label}' BEFORE 'sad'");
        await hand.CommandAsync($"UPDATE {table.Sql} SET mood = '{label}' WHERE a % 4 = 0");
    }

    private static async Task RenameLabelAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Typed);
        await hand.DoAsync($"ALTER TYPE {table.Beside("_mood")} RENAME VALUE 'sad' TO 'not glad'");
        await hand.PauseAsync();
        await hand.TouchAsync(table);
        await hand.DoAsync($"ALTER TYPE {table.Beside("_mood")} RENAME VALUE 'not glad' TO 'sad'");
        var glad = await hand.AskAsync<string>(
            // Another name since the last time.
            $"SELECT enumlabel FROM pg_enum WHERE enumtypid = {Victim.Literal(table.Beside("_mood"))}::regtype AND enumlabel LIKE 'glad%'");
        await hand.DoAsync($"ALTER TYPE {table.Beside("_mood")} RENAME VALUE '{glad}' TO 'glad {Hand.Fresh()}'");
    }

    private static async Task DomainAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Typed);
        var name = $"rule_{Hand.Fresh()}";
        await hand.DoAsync(
            $"ALTER DOMAIN {table.Beside("_price")} ADD CONSTRAINT {name} CHECK (VALUE > -1000000); ALTER " +
            $"DOMAIN {table.Beside("_price")} SET DEFAULT 4.25");
        await hand.TouchAsync(table);
        await hand.DoAsync($"ALTER DOMAIN {table.Beside("_price")} DROP CONSTRAINT {name}");
    }

    private static async Task CompositeAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Typed);
        var attribute = $"part_{Hand.Fresh()}";
        await hand.DoAsync($"ALTER TYPE {table.Beside("_place")} ADD ATTRIBUTE {attribute} text");
        await hand.PauseAsync();
        await hand.TouchAsync(table);
        await hand.DoAsync($"ALTER TYPE {table.Beside("_place")} DROP ATTRIBUTE {attribute}");
    }

    private static async Task RenameTypeAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Typed);
        await hand.DoAsync($"ALTER TYPE {table.Beside("_mood")} RENAME TO {Victim.Quote(table.Name + "_feeling")}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER TYPE {table.Beside("_feeling")} RENAME TO {Victim.Quote(table.Name + "_mood")}");
    }

    private static async Task ReplaceEnumAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Typed);
        var mood = table.Beside("_mood");
        await hand.DoAsync(
            $"CREATE TYPE {table.Beside("_mood2")} AS ENUM ('glad', 'sad', 'fine'); ALTER TABLE {table.Sql} ALTER COLUMN mood " +
            $"TYPE {table.Beside("_mood2")} USING (CASE WHEN mood::text = 'sad' THEN 'sad' ELSE 'fine' END)::{table.Beside("_mood2")};"
            + $"DROP TYPE {mood}; ALTER TYPE {table.Beside("_mood2")} RENAME TO {Victim.Quote(table.Name + "_mood")}");
        await hand.TouchAsync(table);
    }

    private static async Task NewTypeAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        var type = $"shop.kind_{Hand.Fresh()}";
        await hand.DoAsync(
            $"CREATE TYPE {type} AS ENUM ('one', 'two'); ALTER TABLE {table.Sql} ADD COLUMN c_{Hand.Fresh()} {type} DEFAULT 'two'");
        await hand.TouchAsync(table);
    }

    private static async Task DropTypeAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        var type = $"shop.kind_{Hand.Fresh()}";
        await hand.DoAsync($"CREATE TYPE {type} AS ENUM ('one', 'two'); ALTER TABLE {table.Sql} ADD COLUMN dropped_{Hand.Fresh()} {type}");
        await hand.TouchAsync(table);
        await hand.DoAsync($"DROP TYPE {type} CASCADE");
        await hand.TouchAsync(table);
    }
}

namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>Whole schemas come, go and get other names.</summary>
internal static class SchemaDeeds
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        new("a new schema with tables", async hand => await CreateAsync(hand)),
        new("a schema renamed there and back", RenameAndBackAsync),
        new("a schema renamed for good", RenameAsync),
        new("a schema dropped with its tables", DropAsync),
        new("a schema dropped at once", DropAtOnceAsync),
    ];

    private static async Task<(string Schema, List<Victim> Tables)> CreateAsync(Hand hand, string? name = null)
    {
        var schema = name ?? $"area_{Hand.Fresh()}";
        await hand.DoAsync($"CREATE SCHEMA {schema}");
        var tables = new List<Victim>();
        for (var i = 0; i < 3; i++)
            tables.Add(await TableDeeds.MakeAsync(hand, schema, i == 1 ? "uuid" : "bigint"));
        await hand.PauseAsync();
        return (schema, tables);
    }

    private static async Task RenameAndBackAsync(Hand hand)
    {
        var (schema, tables) = await CreateAsync(hand);
        await hand.DoAsync($"ALTER SCHEMA {schema} RENAME TO {schema}_away");
        await hand.TouchAsync($"{schema}_away.{Victim.Quote(tables[0].Name)}");
        await hand.PauseAsync();
        await hand.DoAsync($"ALTER SCHEMA {schema}_away RENAME TO {schema}");
        await hand.TouchAsync(tables[1]);
    }

    private static async Task RenameAsync(Hand hand)
    {
        var (schema, tables) = await CreateAsync(hand);
        await hand.DoAsync($"ALTER SCHEMA {schema} RENAME TO {schema}_for_good");
        foreach (var table in tables)
            table.Schema = $"{schema}_for_good";
        await hand.TouchAsync(tables[0]);
    }

    private static async Task DropAsync(Hand hand)
    {
        var (schema, tables) = await CreateAsync(hand);
        await hand.PauseAsync(5);
        await hand.DoAsync($"DROP SCHEMA {schema} CASCADE");
        tables.ForEach(hand.Drop);
    }

    private static async Task DropAtOnceAsync(Hand hand)
    {
        var schema = $"area_{Hand.Fresh()}";
        await hand.DoAsync(
            $"CREATE SCHEMA {schema}; CREATE TABLE {schema}.t (id int PRIMARY KEY, kind text); INSERT INTO {schema}.t SELECT " +
            "generate_series(1, 100)");
        await hand.DoAsync($"UPDATE {schema}.t SET kind = 'x'");
        await hand.DoAsync($"DROP SCHEMA {schema} CASCADE");
    }
}

using Cdc.EndToEnd.Tests.Monkey;

namespace Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

/// <summary>What happens to the DuckDB file and its tables.</summary>
internal static class LakeDeeds
{
    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        new("lake: a reader keeps the file", hand => KeepAsync(hand, toWrite: false)),
        new("lake: a writer keeps the file", hand => KeepAsync(hand, toWrite: true)),
        new("lake: drop a table", hand => DropAsync(hand, Shape.Keyed, Shape.Composite)),
        new("lake: drop a table without a key", hand => DropAsync(hand, Shape.Keyless)),
        new("lake: rename there and back", RenameAsync),
        new("lake: a column more", hand => AlterAsync(hand, "ADD COLUMN by_hand INTEGER", "DROP COLUMN by_hand")),
        new("lake: a column dropped", DropColumnAsync),
        new("lake: a column must not be null", NotNullAsync),
        new("lake: rows deleted by hand", hand => ByHandAsync(hand, "DELETE FROM {0}")),
        new("lake: rows changed by hand", hand => ByHandAsync(hand, "UPDATE {0} SET note = 'by hand'")),
        new("lake: rows written by hand",
            hand => ByHandAsync(hand, "INSERT INTO {0} (org, id, note) VALUES (77, -1, 'by hand')", Shape.Composite)),
        new("lake: an index and a view", IndexAsync),
        new("lake: an older copy in the file's place", OlderAsync) { IsAlone = true },
        new("lake: the file is away for a while", AwayAsync) { IsAlone = true },
        new("lake: a checkpoint", hand => hand.LakeAsync("CHECKPOINT lake")),
    ];

    private static async Task KeepAsync(TargetHand hand, bool toWrite)
    {
        hand.Note("(lake) open");
        await hand.Scene.Lake.UseAsync(toWrite, async _ =>
        {
            var table = await hand.TakeOfLakeAsync();
            await hand.TouchAsync(table);
            await hand.SinkMeetsAsync("lake", "CDC-5005");
            await hand.PauseAsync(4);
        });
        hand.Note("(lake) closed");
    }

    private static async Task DropAsync(TargetHand hand, params Shape[] shapes)
    {
        var table = await hand.TakeOfLakeAsync(shapes);
        await hand.LakeAsync($"DROP TABLE {table.Sql}");
        await hand.TouchAsync(table);
        await hand.LakeMeetsAsync(table, "CDC-5019");
        await hand.ResyncAsync(table);
    }

    private static async Task RenameAsync(TargetHand hand)
    {
        var table = await hand.TakeOfLakeAsync();
        var name = $"away_{TargetHand.Fresh()}";
        await hand.LakeAsync($"ALTER TABLE {table.Sql} RENAME TO {name}");
        await hand.TouchAsync(table);
        await hand.LakeMeetsAsync(table, "CDC-5019");
        await hand.LakeAsync($"ALTER TABLE {Victim.Quote(table.Schema)}.{name} RENAME TO {Victim.Quote(table.Name)}");
    }

    private static async Task AlterAsync(TargetHand hand, string change, string back)
    {
        var table = await hand.TakeOfLakeAsync();
        await hand.LakeAsync($"ALTER TABLE {table.Sql} {change}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.LakeAsync($"ALTER TABLE {table.Sql} {back}");
        await hand.TouchAsync(table);
    }

    private static async Task DropColumnAsync(TargetHand hand)
    {
        var table = await hand.TakeOfLakeAsync();
        await hand.WhileKnownAsync("lake", table, async () =>
        {
            await hand.LakeAsync($"ALTER TABLE {table.Sql} DROP COLUMN note");
            await hand.TouchAsync(table);
            await hand.LakeMeetsAsync(table, "CDC-5012");
            await hand.PauseAsync(4);
        });
        if (hand.Random.Next(2) == 0)
            await hand.LakeAsync($"DROP TABLE {table.Sql}");
        await hand.ResyncAsync(table);
    }

    private static async Task NotNullAsync(TargetHand hand)
    {
        var table = await hand.TakeOfLakeAsync();
        await hand.LakeAsync(
            $"ALTER TABLE {table.Sql} ADD COLUMN must INTEGER DEFAULT 1; ALTER TABLE {table.Sql} ALTER COLUMN must SET NOT NULL; ALTER " +
            $"TABLE {table.Sql} ALTER COLUMN must DROP DEFAULT");
        await hand.TouchAsync(table);
        await hand.LakeMeetsAsync(table, "CDC-5020", "CDC-5090");
        await hand.LakeAsync($"ALTER TABLE {table.Sql} ALTER COLUMN must DROP NOT NULL; ALTER TABLE {table.Sql} DROP COLUMN must");
    }

    private static async Task ByHandAsync(TargetHand hand, string sql, params Shape[] shapes)
    {
        var table = await hand.TakeOfLakeAsync(shapes);
        await hand.LakeAsync(string.Format(null, sql, table.Sql));
        await hand.TouchAsync(table);
        await hand.ResyncAsync(table);
    }

    private static async Task IndexAsync(TargetHand hand)
    {
        var table = await hand.TakeOfLakeAsync();
        var name = $"thing_{TargetHand.Fresh()}";
        await hand.LakeAsync($"CREATE INDEX {name} ON {table.Sql} (a); CREATE VIEW {name}_view AS SELECT * FROM {table.Sql}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} int");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.LakeAsync($"DROP VIEW {name}_view; DROP INDEX {Victim.Quote(table.Schema)}.{name}");
    }

    /// <summary>
    /// As of a backup: rows and ledger go back together. The file is put in its place while the program is stopped, and nothing of the
    /// newer one is left beside it.
    /// </summary>
    private static async Task OlderAsync(TargetHand hand)
    {
        var copy = $"{hand.Scene.Lake.Path}.kept";
        hand.Note("(lake) a copy is kept");
        await hand.Scene.Lake.UseAsync(toWrite: true, async lake =>
        {
            lake.Execute("CHECKPOINT lake");
            await CopyAsync("cp", hand.Scene.Lake.Path, copy);
        });
        await hand.TouchAsync(await hand.TakeOfLakeAsync());
        await TargetHand.WaitAsync(2);
        await hand.Scene.RestartMirrorAsync(kill: false,
            () => hand.Scene.Lake.ReplaceAsync(() => CopyAsync("mv", copy, hand.Scene.Lake.Path)));
        hand.Note("(lake) the copy is in its place");
    }

    /// <summary>A new one is made meanwhile, and filled from the log.</summary>
    private static async Task AwayAsync(TargetHand hand)
    {
        var away = $"{hand.Scene.Lake.Path}.away";
        hand.Note("(lake) the file goes away");
        await hand.Scene.RestartMirrorAsync(kill: false,
            () => hand.Scene.Lake.ReplaceAsync(() => CopyAsync("mv", hand.Scene.Lake.Path, away)));
        await TargetHand.WaitAsync(3);
        await hand.Scene.RestartMirrorAsync(kill: false,
            () => hand.Scene.Lake.ReplaceAsync(() => CopyAsync("mv", away, hand.Scene.Lake.Path)));
        hand.Note("(lake) the file is back");
        await hand.CatchesUpAsync("lake");
    }

    private static async Task CopyAsync(string program, string from, string to)
    {
        using var process = System.Diagnostics.Process.Start(program, [from, to]);
        await process.WaitForExitAsync();
    }
}

using Cdc.EndToEnd.Tests.Monkey;

namespace Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

/// <summary>Rows that the administrator changes by hand: nobody can see it, so a re-read is asked for.</summary>
internal static class RowDeeds
{
    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        new("TRUNCATE by hand", hand => ByHandAsync(hand, "TRUNCATE {0}")),
        new("TRUNCATE by hand of a table without a key", hand => ByHandAsync(hand, "TRUNCATE {0}", Shape.Keyless)),
        new("rows deleted by hand", hand => ByHandAsync(hand, "DELETE FROM {0} WHERE ctid IN (SELECT ctid FROM {0} LIMIT 20)")),
        new("rows changed by hand", hand => ByHandAsync(hand, "UPDATE {0} SET note = 'by hand', a = -1")),
        new("rows written by hand", WriteAsync),
        new("rows written by hand without a key",
            hand => ByHandAsync(hand, "INSERT INTO {0} (a, note) SELECT -5, 'by hand' FROM generate_series(1, 5)", Shape.Keyless)),
        new("the ledger's rows deleted", hand => LedgerAsync(hand, "DELETE FROM _cdc.ledger")) { IsAlone = true },
        new("the ledger dropped", hand => LedgerAsync(hand, "DROP TABLE _cdc.ledger")) { IsAlone = true },
        new("metadata lost", hand => ByHandAsync(hand, "UPDATE {0} SET _cdc_partition = NULL, _cdc_offset = NULL")),
    ];

    private static async Task ByHandAsync(TargetHand hand, string sql, params Shape[] shapes)
    {
        var table = await hand.TakeAsync(shapes);
        await hand.DbaAsync(string.Format(null, sql, table.Sql));
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.ResyncAsync(table);
    }

    /// <summary>The sink starts over, from the log's start: everything is still there.</summary>
    private static Task LedgerAsync(TargetHand hand, string sql) => hand.Scene.WithServerAsync(async () =>
    {
        await hand.DbaAsync(sql);
        await hand.KillOursAsync();
        await hand.TouchAsync(await hand.TakeAsync());
        await hand.CatchesUpAsync("warehouse");
        await hand.Scene.Neighbour.CatchesUpAsync();
    });

    private static async Task WriteAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync(Shape.Composite);
        await hand.DbaAsync($"INSERT INTO {table.Sql} (org, id, note) SELECT 77, -i, 'by hand' FROM generate_series(1, 5) i");
        await hand.TouchAsync(table);
        await hand.ResyncAsync(table);
    }
}

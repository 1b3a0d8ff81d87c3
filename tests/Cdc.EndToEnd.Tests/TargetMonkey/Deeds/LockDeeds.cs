using Cdc.EndToEnd.Tests.Monkey;

namespace Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

/// <summary>Reports that read for long, locks, and the upkeep of tables.</summary>
internal static class LockDeeds
{
    private const string Locked = "CDC-5026";

    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        new("lock a table", hand => LockAsync(hand, "LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE")),
        new("lock a table against writers", hand => LockAsync(hand, "LOCK TABLE {0} IN SHARE MODE")),
        new("lock rows", hand => LockAsync(hand, "SELECT FROM {0} FOR UPDATE")),
        new("lock rows by changing them", hand => LockAsync(hand, "UPDATE {0} SET a = a", "ROLLBACK")),
        new("lock several tables", SeveralAsync),
        new("lock the ledger", hand => LedgerAsync(hand, "LOCK TABLE _cdc.ledger IN ACCESS EXCLUSIVE MODE")),
        new("lock the ledger's rows", hand => LedgerAsync(hand, "SELECT FROM _cdc.ledger FOR UPDATE")),
        new("a report reads while a column comes", ReportAsync),
        new("a report reads all tables while columns come", BackupAsync),
        new("a prepared transaction keeps rows", PreparedAsync),
        new("VACUUM FULL", hand => KeepUpAsync(hand, "VACUUM FULL {0}")),
        new("VACUUM FULL of the large table", hand => KeepUpAsync(hand, "VACUUM FULL {0}", Shape.Big)),
        new("CLUSTER", ClusterAsync),
        new("REINDEX", hand => KeepUpAsync(hand, "REINDEX TABLE {0}")),
        new("VACUUM FULL of the ledger", hand => hand.DbaAsync("VACUUM FULL _cdc.ledger")),
        new("VACUUM, ANALYZE and a checkpoint",
            async hand => { await KeepUpAsync(hand, "VACUUM (ANALYZE, FREEZE) {0}"); await hand.DbaAsync("CHECKPOINT"); }),
        new("storage parameters and statistics",
            hand => KeepUpAsync(hand,
                "ALTER TABLE {0} SET (fillfactor = 60, autovacuum_enabled = false), ALTER COLUMN note SET STATISTICS 500, REPLICA " +
                "IDENTITY FULL")),
        new("an index of the administrator's", hand => KeepUpAsync(hand, "CREATE INDEX CONCURRENTLY ON {0} (a)")),
        new("written anew without being logged, and logged again", UnloggedAsync),
    ];

    private static Task LockAsync(TargetHand hand, string sql, string end = "COMMIT") => hand.Scene.WithServerAsync(async () =>
    {
        var table = await hand.TakeAsync();
        await hand.HasRowsAsync(table);
        await hand.HoldAsync(string.Format(null, sql, table.Sql), async () =>
        {
            await hand.SourceAsync($"UPDATE {table.Sql} SET a = coalesce(a, 0) % 1000 + 1");
            await hand.MeetsAsync(table, Locked);
            await hand.PauseAsync();
        }, end);
    });

    private static Task SeveralAsync(TargetHand hand) => hand.Scene.WithServerAsync(async () =>
    {
        Victim[] tables = [await hand.TakeAsync(), await hand.TakeAsync(), await hand.TakeAsync()];
        await hand.HoldAsync(string.Join("; ", tables.Select(table => $"LOCK TABLE {table.Sql} IN EXCLUSIVE MODE")), async () =>
        {
            foreach (var table in tables)
                await hand.TouchAsync(table);
            foreach (var table in tables)
                await hand.MeetsAsync(table, Locked);
        });
    });

    private static Task LedgerAsync(TargetHand hand, string sql) => hand.Scene.WithServerAsync(() => hand.HoldAsync(sql, async () =>
    {
        await hand.TouchAsync(await hand.TakeAsync());
        await hand.SinkMeetsAsync("warehouse", "CDC-5004", "CDC-5026");
    }));

    private static Task ReportAsync(TargetHand hand) => hand.Scene.WithServerAsync(async () =>
    {
        var table = await hand.TakeAsync();
        await hand.HoldAsync($"SELECT count(*) FROM {table.Sql}", async () =>
        {
            await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} int");
            await hand.TouchAsync(table);
            await hand.MeetsAsync(table, Locked);
            await hand.PauseAsync(6);
        });
    });

    private static Task BackupAsync(TargetHand hand) => hand.Scene.WithServerAsync(async () =>
    {
        Victim[] tables = [await hand.TakeAsync(), await hand.TakeAsync()];
        await hand.HoldAsync(string.Join("; ", tables.Select(table => $"LOCK TABLE {table.Sql} IN ACCESS SHARE MODE")), async () =>
        {
            foreach (var table in tables)
            {
                await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} text");
                await hand.TouchAsync(table);
            }

            await hand.MeetsAsync(tables[1], Locked);
        });
    });

    private static async Task PreparedAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.HasRowsAsync(table);
        var name = $"kept_{TargetHand.Fresh()}";
        await hand.DbaAsync($"BEGIN; UPDATE {table.Sql} SET a = a; PREPARE TRANSACTION '{name}'");
        await hand.SourceAsync($"UPDATE {table.Sql} SET a = coalesce(a, 0) % 1000 + 1");
        await hand.MeetsAsync(table, Locked);
        await hand.DbaAsync($"ROLLBACK PREPARED '{name}'");
    }

    private static async Task KeepUpAsync(TargetHand hand, string sql, params Shape[] shapes)
    {
        var table = await hand.TakeAsync(shapes);
        await hand.TouchAsync(table);
        await hand.DbaAsync(string.Format(null, sql, table.Sql));
        await hand.TouchAsync(table);
    }

    private static async Task ClusterAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        var index = await hand.AskAsync<string>(
            $"SELECT max(indexrelid::regclass::text) FROM pg_index WHERE indrelid = {Victim.Literal(table.Sql)}::regclass");
        if (index is not null)
            await hand.DbaAsync($"CLUSTER {table.Sql} USING {index.Split('.')[^1]}");
        await hand.TouchAsync(table);
    }

    /// <summary>A crash in between would empty it, which nobody can see: the administrator says so.</summary>
    private static async Task UnloggedAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.DbaAsync($"ALTER TABLE {table.Sql} SET UNLOGGED");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.DbaAsync($"ALTER TABLE {table.Sql} SET LOGGED");
        await hand.ResyncAsync(table);
    }
}

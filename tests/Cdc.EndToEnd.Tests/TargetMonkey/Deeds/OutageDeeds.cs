using System.Diagnostics;
using Cdc.EndToEnd.Tests.Monkey;
using Npgsql;

namespace Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

/// <summary>Sessions, servers, poolers and the program go away and come back; so may what the server knew.</summary>
internal static class OutageDeeds
{
    private static readonly TimeSpan Excused = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        new("kill our sessions", hand => hand.KillOursAsync()),
        new("kill our sessions again and again", AgainAsync),
        new("cancel what our sessions do", hand => hand.DbaAsync($"SELECT pg_cancel_backend(pid) FROM {Warehouse.Ours}")),
        new("the target restarts", hand => RestartAsync(hand, "fast")),
        new("the target crashes", hand => RestartAsync(hand, "immediate")),
        new("the target is down for a while", hand => RestartAsync(hand, "fast", () => hand.PauseAsync(4))),
        new("the target stands still for a while", StillAsync),
        new("no free connection for a while", FullAsync),
        new("commits wait for a synchronous standby", SynchronousAsync),
        new("killed while a commit waits for a standby", KilledCommitAsync),
        new("settings reloaded",
            async hand => { await hand.DbaAsync("ALTER SYSTEM SET log_min_duration_statement = 60000"); await hand.DbaAsync(
                "SELECT pg_reload_conf()"); }),
        new("everybody may only read for a while", ReadOnlyAsync),
        new("put back to an image of a moment ago", PutBackAsync) { IsAlone = true },
        new("a standby takes over that lacks the last moment", FailOverAsync) { IsAlone = true },
        new("the pooler restarts", PoolerAsync) { IsOfPooler = true },
        new("cdc is killed", hand => hand.Scene.RestartMirrorAsync(kill: true)),
        new("cdc is stopped and started", hand => hand.Scene.RestartMirrorAsync(kill: false)),
        new("cdc stands still for a while", CdcStillAsync),
        new("cdc is killed and our sessions too",
            async hand => { await hand.Scene.RestartMirrorAsync(kill: true); await hand.KillOursAsync(); }),
    ];

    private static async Task AgainAsync(TargetHand hand)
    {
        for (var i = 0; i < 6; i++)
        {
            await hand.KillOursAsync();
            await hand.PauseAsync(0.6);
        }
    }

    private static Task RestartAsync(TargetHand hand, string mode, Func<Task>? between = null) => hand.Scene.WithServerAsync(() =>
    {
        hand.Note($"target: stop {mode}, start");
        return hand.Warehouse.RestartAsync(mode, between);
    });

    private static Task StillAsync(TargetHand hand) => hand.Scene.WithServerAsync(async () =>
    {
        hand.Note("target: SIGSTOP");
        hand.Scene.Watch.Excuse(Excused);
        await hand.Warehouse.Server.FreezeAsync();
        await hand.PauseAsync(4);
        await hand.Warehouse.Server.ThawAsync();
        hand.Scene.Watch.Excuse(TimeSpan.FromSeconds(3));
        hand.Note("target: SIGCONT");
    });

    private static async Task FullAsync(TargetHand hand)
    {
        var others = new List<NpgsqlConnection>();
        try
        {
            hand.Note("take every free connection");
            while (others.Count < 100)
            {
                var connection = new NpgsqlConnection(hand.Warehouse.ConnectionString(Warehouse.Reader));
                others.Add(connection);
                await connection.OpenAsync();
            }
        }
        catch (NpgsqlException)
        {
            // Full.
        }

        await hand.KillOursAsync();
        await hand.PauseAsync(3);
        foreach (var connection in others)
            await connection.DisposeAsync();
        hand.Note("give them back");
    }

    private static Task SynchronousAsync(TargetHand hand) => hand.Scene.WithServerAsync(async () =>
    {
        await WaitForStandbyAsync(hand);
        await hand.PauseAsync(4);
        await WaitNoMoreAsync(hand);
    });

    /// <summary>It is committed, and whoever asked does not learn it.</summary>
    private static Task KilledCommitAsync(TargetHand hand) => hand.Scene.WithServerAsync(async () =>
    {
        await WaitForStandbyAsync(hand);
        await hand.InsertAsync(await hand.TakeAsync(Shape.Keyless));
        await hand.PauseAsync(2);
        await hand.KillOursAsync();
        await hand.PauseAsync(2);
        await hand.KillOursAsync();
        await WaitNoMoreAsync(hand);
    });

    private static async Task WaitForStandbyAsync(TargetHand hand)
    {
        hand.Scene.Watch.Excuse(Excused);
        await hand.SystemAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    }

    private static async Task WaitNoMoreAsync(TargetHand hand)
    {
        await hand.SystemAsync("ALTER SYSTEM RESET synchronous_standby_names");
        hand.Scene.Watch.Excuse(TimeSpan.FromSeconds(3));
    }

    private static async Task ReadOnlyAsync(TargetHand hand)
    {
        await hand.SystemAsync("ALTER SYSTEM SET default_transaction_read_only = on");
        await hand.KillOursAsync();
        await hand.PauseAsync(2);
        await hand.SystemAsync("ALTER SYSTEM RESET default_transaction_read_only");
    }

    private static Task PutBackAsync(TargetHand hand) => hand.Scene.WithServerAsync(async () =>
    {
        hand.Note("target: an image is kept");
        await hand.Warehouse.PutBackAsync(() => LoseAsync(hand));
        hand.Note("target: put back");
    });

    private static Task FailOverAsync(TargetHand hand) => hand.Scene.WithServerAsync(async () =>
    {
        hand.Note("target: a standby that no longer follows");
        await hand.Warehouse.FailOverAsync(() => LoseAsync(hand));
        hand.Note("target: the standby takes over");
    });

    /// <summary>Rows and a column that the target will have lost.</summary>
    private static async Task LoseAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} int");
        await hand.TouchAsync(table);
        await TargetHand.WaitAsync(1.5);
    }

    private static async Task PoolerAsync(TargetHand hand)
    {
        hand.Note("pooler: killed, started");
        await hand.Warehouse.Pooler!.RestartAsync();
    }

    private static async Task CdcStillAsync(TargetHand hand)
    {
        hand.Note("cdc: SIGSTOP");
        hand.Scene.Watch.Excuse(Excused);
        await hand.Scene.Mirror.WithProcessAsync(async cdc =>
        {
            await SignalAsync("-STOP", cdc.Id);
            await hand.PauseAsync(4);
            await SignalAsync("-CONT", cdc.Id);
        });
        hand.Note("cdc: SIGCONT");
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [signal, FormattableString.Invariant($"{process}")]);
        await kill.WaitForExitAsync();
    }
}

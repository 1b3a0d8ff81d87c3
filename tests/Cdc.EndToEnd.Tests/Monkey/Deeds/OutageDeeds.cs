using System.Diagnostics;

namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>Sessions, servers, processes and disks go away and come back.</summary>
internal static class OutageDeeds
{
    private const string Ours = $"pg_stat_activity WHERE usename = '{SourceServer.Role}' AND ";
    private const string Streams = "backend_type = 'walsender'";
    private const string Asks = "backend_type = 'client backend'";

    public static IReadOnlyList<Deed> All { get; } =
    [
        new("kill the session that streams", hand => hand.CommandAsync($"SELECT pg_terminate_backend(pid) FROM {Ours}{Streams}")),
        new("kill the sessions that ask", KillReadersAsync),
        new("kill one session after another", KillOneByOneAsync),
        new("cancel what our sessions do", hand => hand.CommandAsync($"SELECT pg_cancel_backend(pid) FROM {Ours}true")),
        new("kill idle sessions", hand => hand.CommandAsync($"SELECT pg_terminate_backend(pid) FROM {Ours}state = 'idle'")),
        new("the server restarts", hand => RestartAsync(hand, "fast")),
        new("the server crashes", hand => RestartAsync(hand, "immediate")),
        new("the server is down for a while", DownAsync),
        new("the server stands still for a while", StillAsync),
        new("no free connection for a while", FullAsync),
        new("commits wait for a synchronous standby", SynchronousAsync),
        new("settings reloaded",
            async hand => { await hand.CommandAsync("ALTER SYSTEM SET log_min_duration_statement = 60000"); await hand.CommandAsync(
                "SELECT pg_reload_conf()"); }),
        new("cdc is killed", hand => hand.Monkey.RestartMirrorAsync(kill: true)),
        new("cdc is stopped and started", hand => hand.Monkey.RestartMirrorAsync(kill: false)),
        new("cdc is down for a while", CdcDownAsync),
        new("cdc stands still for a while", CdcStillAsync),
        new("cdc is asked to read tables again", ResyncAsync),
        new("the target restarts", TargetRestartAsync),
        new("the log's folder takes no files for a while", DiskAsync),
    ];

    private static async Task KillReadersAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Big);
        await hand.DoAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{Hand.Fresh()} float8 DEFAULT random()");
        for (var i = 0; i < 3; i++)
        {
            await hand.PauseAsync(4);
            await hand.CommandAsync($"SELECT pg_terminate_backend(pid) FROM {Ours}{Asks}");
        }
    }

    private static async Task KillOneByOneAsync(Hand hand)
    {
        for (var i = 0; i < 4; i++)
        {
            await hand.PauseAsync(2);
            await hand.CommandAsync($"SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM {Ours}true ORDER BY random() LIMIT 1) one");
        }
    }

    private static Task RestartAsync(Hand hand, string mode) => hand.Monkey.WithServerAsync(async () =>
    {
        hand.Note($"server: stop {mode}, start");
        await hand.Monkey.Source.Server.StopAsync(mode);
        await hand.Monkey.Source.Server.StartAgainAsync();
    });

    private static Task DownAsync(Hand hand) => hand.Monkey.WithServerAsync(async () =>
    {
        hand.Note("server: stop fast");
        await hand.Monkey.Source.Server.StopAsync();
        await hand.PauseAsync(4);
        hand.Note("server: start");
        await hand.Monkey.Source.Server.StartAgainAsync();
    });

    private static Task StillAsync(Hand hand) => hand.Monkey.WithServerAsync(async () =>
    {
        hand.Note("server: SIGSTOP");
        await hand.Monkey.Source.SignalAsync("-STOP");
        await hand.PauseAsync(4);
        await hand.Monkey.Source.SignalAsync("-CONT");
        hand.Note("server: SIGCONT");
    });

    private static async Task FullAsync(Hand hand)
    {
        // What is left after ours and the writers', so that nobody but superusers gets another one.
        var others = new List<Npgsql.NpgsqlConnection>();
        try
        {
            hand.Note("take every free connection");
            while (others.Count < 200)
            {
                var connection = new Npgsql.NpgsqlConnection(hand.Monkey.Source.Server.ConnectionString("source")
                    .Replace("Username=postgres", $"Username={SourceServer.Owner}", StringComparison.Ordinal));
                others.Add(connection);
                await connection.OpenAsync();
            }
        }
        catch (Npgsql.NpgsqlException)
        {
            // Full.
        }

        await hand.CommandAsync($"SELECT pg_terminate_backend(pid) FROM {Ours}{Asks}");
        await hand.PauseAsync(4);
        foreach (var connection in others)
            await connection.DisposeAsync();
        hand.Note("give them back");
    }

    private static async Task SynchronousAsync(Hand hand)
    {
        await hand.CommandAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await hand.CommandAsync("SELECT pg_reload_conf()");
        await hand.PauseAsync(5);
        await hand.CommandAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await hand.CommandAsync("SELECT pg_reload_conf()");
    }

    private static Task CdcDownAsync(Hand hand)
    {
        hand.Note("cdc: SIGKILL");
        return hand.Monkey.RestartMirrorAsync(kill: true, async () =>
        {
            var table = await hand.TakeAnyAsync();
            await hand.TouchAsync(table);
            await hand.PauseAsync(4);
            var name = $"shop.scratch_{Hand.Fresh()}";
            await hand.DoAsync($"CREATE TABLE {name} (id int PRIMARY KEY)");
            await hand.DoAsync($"INSERT INTO {name} SELECT generate_series(1, 100)");
            await hand.DoAsync($"DROP TABLE {name}");
        });
    }

    private static async Task CdcStillAsync(Hand hand)
    {
        hand.Note("cdc: SIGSTOP");
        await hand.Monkey.Mirror.WithProcessAsync(async cdc =>
        {
            await SignalAsync("-STOP", cdc.Id);
            await hand.PauseAsync(5);
            await SignalAsync("-CONT", cdc.Id);
        });
        hand.Note("cdc: SIGCONT");
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [signal, FormattableString.Invariant($"{process}")]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Nobody ends the process meanwhile: where none runs the command takes the log itself, and a start waits for it.</summary>
    private static Task ResyncAsync(Hand hand)
    {
        hand.Note("cdc resync shop.*");
        return hand.Monkey.Mirror.WithProcessAsync(_ => Mirror.CommandAsync("resync", hand.Monkey.Mirror.File, "shop.*"));
    }

    private static async Task TargetRestartAsync(Hand hand)
    {
        hand.Note("target: stop immediate, start");
        await hand.Monkey.Target.StopAsync("immediate");
        await hand.PauseAsync(2);
        await hand.Monkey.Target.StartAgainAsync();
    }

    /// <summary>
    /// The folder is away, so that a new segment cannot be made; the program may end for it, as it says, and then is started again.
    /// </summary>
    private static async Task DiskAsync(Hand hand)
    {
        var log = hand.Monkey.Mirror.Log;
        hand.Note("the log's folder goes away");
        await hand.Monkey.Mirror.RestartAsync(async cdc =>
        {
            Directory.Move(log, $"{log}.away");
            await hand.PauseAsync(4);
            Directory.Move($"{log}.away", log);
            if (!cdc.HasExited)
                await cdc.KillAsync();
        });
        hand.Note("the log's folder is back, cdc started again");
    }
}

using Cdc.EndToEnd.Tests.Monkey;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

/// <summary>
/// Several installations at one target, whose sinks have one name: what happens to one is nothing to the others, and none takes what is
/// another's.
/// </summary>
internal static class NeighbourDeeds
{
    private const string First = "target-monkey/warehouse";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        new("neighbour: killed", hand => RestartAsync(hand, kill: true)),
        new("neighbour: stopped and started", hand => RestartAsync(hand, kill: false)),
        new("neighbour: reset", ResetAsync),
        new("neighbour: everything read again",
            hand => KeepsAsync(hand, First, neighbour => neighbour.ResyncAsync("--all"))),
        new("neighbour: drop a table", DropAsync),
        new("neighbour: its rows of the ledger deleted", ForgetAsync),
        new("the first of two installations reset", ResetFirstAsync) { IsAlone = true },
        new("another installation wants a table that is taken", TakenAsync),
        new("another installation of the same name", SameNameAsync),
    ];

    /// <summary>Whoever starts and was never let in ends, so nobody keeps the role or the server out meanwhile.</summary>
    private static Task RestartAsync(TargetHand hand, bool kill, Func<Task>? between = null) =>
        WithEverybodyAsync(hand, () => KeepsAsync(hand, First, async neighbour =>
        {
            hand.Note(kill ? "neighbour: SIGKILL" : "neighbour: SIGTERM");
            await neighbour.Mirror.RestartAsync(cdc => Mirror.LeaveAsync(cdc, kill), between);
            hand.Note("neighbour: started again");
            await neighbour.CatchesUpAsync();
        }));

    private static Task WithEverybodyAsync(TargetHand hand, Func<Task> what) =>
        hand.Scene.WithServerAsync(() => hand.Scene.WithRoleAsync(what));

    /// <summary>It forgets its own rows only, and starts over.</summary>
    private static Task ResetAsync(TargetHand hand) =>
        RestartAsync(hand, kill: false, () => TypeResetAsync(hand, hand.Scene.Neighbour.Mirror.File));

    private static Task ResetFirstAsync(TargetHand hand) => WithEverybodyAsync(hand, () => KeepsAsync(hand, Neighbour.Key, async _ =>
    {
        await hand.Scene.RestartMirrorAsync(kill: false, () => TypeResetAsync(hand, hand.Scene.Mirror.File));
        await hand.Scene.StartsOverAsync();
    }));

    private static async Task TypeResetAsync(TargetHand hand, string file)
    {
        hand.Note("cdc reset FILE --yes");
        await EndsAsync("cdc reset is done", 0, "", "reset", file, "--yes");
    }

    private static Task DropAsync(TargetHand hand) => KeepsAsync(hand, First, async neighbour =>
    {
        var table = neighbour.Any(hand.Random);
        await hand.DbaAsync($"DROP TABLE {Neighbour.There(table).Sql}");
        await neighbour.MeetsAsync(table, "CDC-5019");
        await hand.PauseAsync();
        hand.Note($"neighbour: cdc resync FILE {table}");
        await neighbour.ResyncAsync(table.ToString());
    });

    /// <summary>It starts over, from its log's start; the other continues where it was.</summary>
    private static Task ForgetAsync(TargetHand hand) => KeepsAsync(hand, First, async neighbour =>
    {
        await hand.DbaAsync($"DELETE FROM _cdc.ledger WHERE sink = '{Neighbour.Key}'");
        await hand.PauseAsync();
        await neighbour.CatchesUpAsync();
    });

    /// <summary>It is told so, and changes nothing of the table.</summary>
    private static async Task TakenAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await WithGuestAsync(hand, table, async database =>
        {
            using var folder = await FolderAsync(hand, "guest", database, "{schema}");
            await EndsAsync("the table is refused", 3, "CDC-5011", "run", FileOf(folder), "--until-caught-up", "--timeout", "60s");
            await TypeResetAsync(hand, FileOf(folder));
        });
    }

    /// <summary>Its log is another one, so it is let neither write nor forget.</summary>
    private static async Task SameNameAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await WithGuestAsync(hand, table, database => KeepsAsync(hand, First, async _ =>
        {
            using var folder = await FolderAsync(hand, "target-monkey", database, "{schema}_guest");
            await EndsAsync("the sink is refused", 3, "CDC-5021", "run", FileOf(folder), "--until-caught-up", "--timeout", "60s");
            await EndsAsync("the reset is refused", 3, "CDC-5021", "reset", FileOf(folder), "--yes");
        }));
    }

    /// <summary>A database with a table of that name, for an installation that comes and goes; its slot goes with it.</summary>
    private static async Task WithGuestAsync(TargetHand hand, Victim table, Func<string, Task> what)
    {
        var server = hand.Scene.Source.Server;
        var database = $"guest_{TargetHand.Fresh()}";
        hand.Note($"{database} has a table {table}");
        await server.ExecuteAsync($"CREATE DATABASE {database} OWNER {SourceServer.Owner}");
        await server.ExecuteAsync($"""
            GRANT CREATE ON DATABASE {database} TO {SourceServer.Role}; SET ROLE {SourceServer.Owner};
            CREATE SCHEMA {Victim.Quote(table.Schema)}; CREATE TABLE {table.Sql} (id text PRIMARY KEY, note text);
            INSERT INTO {table.Sql} SELECT 'guest ' || i, 'a row of the guest''s' FROM generate_series(1, 20) i
            """, database);
        try
        {
            await what(database);
        }
        finally
        {
            await Eventually.HoldsAsync("the guest's slot is gone", async () =>
            {
                await server.ExecuteAsync(
                    $"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '{database}' AND NOT active");
                return await server.QueryAsync<long>($"SELECT count(*) FROM pg_replication_slots WHERE database = '{database}'") == 0;
            });
            await server.ExecuteAsync($"DROP DATABASE {database} WITH (FORCE)");
        }
    }

    private static async Task<TemporaryFolder> FolderAsync(TargetHand hand, string name, string database, string schema)
    {
        var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(FileOf(folder), Neighbour.Configuration(Path.Combine(folder.Path, "log"), name, database, schema,
            hand.Scene.Source, hand.Warehouse));
        return folder;
    }

    private static string FileOf(TemporaryFolder folder) => Path.Combine(folder.Path, "guest.yaml");

    /// <summary>Types a command until it ends as it must: others may have the target down meanwhile, or its ledger locked.</summary>
    private static async Task EndsAsync(string what, int code, string words, params string[] arguments)
    {
        var said = "";
        try
        {
            await Eventually.HoldsAsync(what, async () =>
            {
                using var command = CdcProcess.Start(arguments);
                var ended = await command.WaitForExitAsync(TimeSpan.FromSeconds(90));
                said = $"{ended}: {command.Output}";
                return ended == code && command.Output.Contains(words, StringComparison.Ordinal);
            }, Patience);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message} Last seen: {said}", error);
        }
    }

    /// <summary>
    /// Nobody else does something to the neighbour meanwhile; a sink's rows of the ledger stay, and do not go back. Each such change is
    /// noted, for a sink that lost its rows makes them again at once.
    /// </summary>
    private static Task KeepsAsync(TargetHand hand, string sink, Func<Neighbour, Task> what) =>
        hand.Scene.Neighbour.AloneAsync(async () =>
        {
            var noted = $"public.lost_{TargetHand.Fresh()}";
            await hand.DbaAsync($"""
                CREATE TABLE {noted} (topic text); CREATE FUNCTION {noted}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                IF TG_OP = 'DELETE' OR NEW.next_offset < OLD.next_offset THEN INSERT INTO {noted} VALUES (OLD.topic); END IF; RETURN NULL; END $$;
                CREATE TRIGGER keeps AFTER UPDATE OR DELETE ON _cdc.ledger FOR EACH ROW WHEN (OLD.sink = '{sink}') EXECUTE FUNCTION {noted}()
                """);
            await what(hand.Scene.Neighbour);
            var lost = await hand.AskAsync<string>($"SELECT string_agg(DISTINCT topic, ', ') FROM {noted}");
            await hand.DbaAsync($"DROP FUNCTION {noted} CASCADE; DROP TABLE {noted}");
            Assert.True(lost is null, $"The ledger of {sink} lost, or took back: {lost}");
        });
}

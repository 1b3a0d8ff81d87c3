using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>A source with its estate, the program that mirrors it, writers, and whoever watches; deeds are done to it.</summary>
internal sealed class Monkey : IAsyncDisposable
{
    private readonly SemaphoreSlim server = new(1);
    private readonly SemaphoreSlim publication = new(1);
    private readonly SemaphoreSlim role = new(1);
    private readonly Oracle oracle;
    private readonly SourceWatch watch;
    private readonly Traffic traffic;

    private Monkey(SourceServer source, PostgresServer target, Mirror mirror, int seed, long mostSessions)
    {
        Source = source;
        Target = target;
        Mirror = mirror;
        Seed = seed;
        oracle = new Oracle(source.Server, () => target);
        watch = new SourceWatch(source, Script, mostSessions);
        traffic = new Traffic(source, seed);
    }

    public int Seed { get; }

    public SourceServer Source { get; }

    public PostgresServer Target { get; }

    public Mirror Mirror { get; }

    public Estate Estate { get; } = new();

    public Script Script { get; } = new();

    /// <summary>Tables that may be stopped, each with the code, by deeds that were done to them.</summary>
    private HashSet<(string Table, string Code)> Permitted { get; } = [];

    /// <summary>Tables that differ already, by a deed before.</summary>
    private HashSet<string> Given { get; } = new(StringComparer.Ordinal);

    /// <summary>The sessions seen at once at most.</summary>
    public long MostSessions => watch.Most;

    public static async Task<Monkey> StartAsync(int major, bool tls, int connections, int seed)
    {
        var source = await SourceServer.StartAsync(major, tls, connections);
        try
        {
            var target = await PostgresServer.StartAsync(15);
            await target.ExecuteAsync("CREATE DATABASE target");
            var mirror = await Mirror.CreateAsync(mirror => MirrorFile.Of(mirror, source, target));
            var monkey = new Monkey(source, target, mirror, seed, connections > 30 ? long.MaxValue : SourceWatch.MostSessions);
            await monkey.Estate.CreateAsync(source.Server, SourceServer.Owner);
            monkey.watch.Start();
            mirror.Start();
            return monkey;
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    public void StartTraffic() => traffic.Start(3);

    public Task StopTrafficAsync() => traffic.StopAsync();

    /// <summary>Does one deed; what the deed itself was refused is a fault of the campaign's.</summary>
    public async Task DoAsync(Deed deed, int seed)
    {
        Script.Note(deed.Name, "begins");
        await using var hand = new Hand(this, deed, seed);
        await deed.DoAsync(hand);
        lock (Permitted)
            Permitted.UnionWith(deed.MayStop.SelectMany(code => hand.Tables.Select(table => (table, code))));
        Script.Note(deed.Name, "is done");
    }

    /// <summary>Nobody else stops or starts the server meanwhile.</summary>
    public Task WithServerAsync(Func<Task> what) => AloneAsync(server, what);

    /// <summary>Nobody else changes the publication as a whole meanwhile.</summary>
    public Task WithPublicationAsync(Func<Task> what) => AloneAsync(publication, what);

    /// <summary>Nobody else changes the role of capture meanwhile.</summary>
    public Task WithRoleAsync(Func<Task> what) => AloneAsync(role, what);

    /// <summary>Ends the program, which must still run, and starts it again.</summary>
    public async Task RestartMirrorAsync(bool kill = true, Func<Task>? between = null)
    {
        Script.Note("cdc", kill ? "SIGKILL" : "SIGTERM");
        await Mirror.RestartAsync(
            async cdc =>
            {
                watch.Excuse();
                await Mirror.LeaveAsync(cdc, kill);
                watch.Excuse();
            },
            between);
        Script.Note("cdc", "started again");
    }

    /// <summary>
    /// Waits, while nobody writes, until source and target are equal; gives what is not so when the time is over, or when the program
    /// ended.
    /// </summary>
    public async Task<IReadOnlyList<string>> FaultsAsync(
        TimeSpan within) => [.. await Mirror.FaultsAsync(LookAsync, within), .. watch.Faults];

    /// <summary>
    /// Counts the tables that differ as lost, so that a survey continues with the others; no where too much is wrong for that.
    /// </summary>
    public async Task<bool> GiveUpAsync()
    {
        if (await Mirror.EndAsync() is not null || watch.Faults.Count > 0)
            return false;
        var differences = (await oracle.CompareAsync()).Select(pair => pair.Table).Where(table => !Given.Contains(table)).ToList();
        Given.UnionWith(differences);
        differences.ForEach(Estate.Lose);
        return differences.Count <= 5
            && (await Mirror.TroublesAsync()).All(trouble => trouble.Count(letter => letter == ':') > 1 || Given.Any(trouble.Contains));
    }

    public async ValueTask DisposeAsync()
    {
        await traffic.DisposeAsync();
        await watch.DisposeAsync();
        Mirror.Dispose();
        await Target.DisposeAsync();
        await Source.DisposeAsync();
        server.Dispose();
        publication.Dispose();
        role.Dispose();
    }

    /// <summary>
    /// The tables that differ now and that no permitted code explains, each with what the status says of it, and what else it says.
    /// </summary>
    private async Task<IReadOnlyList<string>> LookAsync()
    {
        var differences = (await oracle.CompareAsync()).Where(pair => !Given.Contains(pair.Table)).ToList();
        if (differences.Count == 0)
            return [];
        var troubles = (await Mirror.TroublesAsync()).Where(trouble => !Given.Any(table => IsOf(table, trouble))).ToList();
        var faults = new List<string>();
        foreach (var (table, difference) in differences)
        {
            var said = troubles.Where(trouble => IsOf(table, trouble)).ToList();
            if (!said.Exists(IsPermitted))
                faults.Add($"{table}: {difference}{string.Concat(said.Select(trouble => $" [{trouble}]"))}");
        }

        if (faults.Count > 0)
            faults.AddRange(troubles.Where(trouble => !IsPermitted(trouble) && !differences.Exists(pair => IsOf(pair.Table, trouble)))
                .Select(trouble => $"status: {trouble}"));
        return faults;
    }

    private bool IsPermitted(string trouble)
    {
        lock (Permitted)
            return Permitted.Any(pair => IsOf(pair.Table, trouble) && trouble.Contains(pair.Code, StringComparison.Ordinal));
    }

    private static bool IsOf(string table, string trouble) => trouble.Contains($" {table}: ", StringComparison.Ordinal);

    private static async Task AloneAsync(SemaphoreSlim door, Func<Task> what)
    {
        await door.WaitAsync();
        try
        {
            await what();
        }
        finally
        {
            door.Release();
        }
    }
}

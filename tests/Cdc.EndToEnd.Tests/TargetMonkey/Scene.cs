using System.Diagnostics;
using Cdc.EndToEnd.Tests.Monkey;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>What a campaign is made of, by its seed.</summary>
/// <param name="Source">The source's version.</param>
/// <param name="Target">The target's version.</param>
/// <param name="IsPooled">Whether a pooler stands before the target.</param>
internal readonly record struct Variant(int Source, int Target, bool IsPooled)
{
    public static Variant Choose(int seed)
    {
        var target = TestSetting.Read("CDC_SERVER", seed % 2 == 0 ? 15 : 18);
        return new Variant(target == 15 ? 18 : 15, target, TestSetting.Read("CDC_POOLER", seed / 2 % 2) == 1);
    }

    public override string ToString() =>
        FormattableString.Invariant($"from {Source} to {Target}{(IsPooled ? " behind a pooler" : "")} and DuckDB");
}

/// <summary>
/// A source whose rows change, the program that applies them to two targets, readers of these, and whoever watches; deeds are done to the
/// targets.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>How many deeds are under way at once.</summary>
    public const int Hands = 4;

    private readonly SemaphoreSlim places = new(Hands);
    private readonly SemaphoreSlim alone = new(1);
    private readonly SemaphoreSlim server = new(1);
    private readonly SemaphoreSlim role = new(1);
    private readonly Oracle oracle;
    private readonly WarehouseWatch watch;
    private readonly Traffic traffic;
    private readonly Readers readers;

    private Scene(
        SourceServer source, Warehouse warehouse, Mirror mirror, Neighbour neighbour, IReadOnlyList<Victim> tables, int seed)
    {
        (Source, Warehouse, Mirror, Neighbour, Seed) = (source, warehouse, mirror, neighbour, seed);
        Lake = new LakeFile(mirror.Beside("lake.duckdb"));
        Status = new SinkTroubles(mirror);
        (WarehouseTables, LakeTables) = (new Pool(tables.Where(table => !Stock.IsOfLake(table))), new Pool(tables.Where(Stock.IsOfLake)));
        oracle = new Oracle(source.Server, () => Warehouse.Server);
        watch = new WarehouseWatch(warehouse, Script);
        traffic = new Traffic(source, seed);
        readers = new Readers(warehouse, tables);
    }

    public int Seed { get; }

    public SourceServer Source { get; }

    public Warehouse Warehouse { get; }

    public LakeFile Lake { get; }

    public Mirror Mirror { get; }

    /// <summary>Who writes into the warehouse too.</summary>
    public Neighbour Neighbour { get; }

    public SinkTroubles Status { get; }

    public Pool WarehouseTables { get; }

    public Pool LakeTables { get; }

    public Script Script { get; } = new();

    public WarehouseWatch Watch => watch;

    /// <summary>In a few words, for people.</summary>
    public string Measured =>
        FormattableString.Invariant(
            $"{readers.Reads} reads, the longest wait for us {watch.LongestWait.TotalSeconds:0.0} s, {traffic.Transactions} transactions");

    public static async Task<Scene> StartAsync(Variant variant, int seed)
    {
        var source = await SourceServer.StartAsync(variant.Source, tls: false, connections: 60);
        Warehouse? warehouse = null;
        try
        {
            warehouse = await Warehouse.StartAsync(variant.Target, variant.IsPooled);
            var tables = await Stock.CreateAsync(source.Server, SourceServer.Owner);
            var mirror = await Mirror.CreateAsync(mirror => Configuration(mirror, source, warehouse));
            mirror.Start();
            var neighbour = await Neighbour.StartAsync(source, warehouse, seed);
            return new Scene(source, warehouse, mirror, neighbour, tables, seed);
        }
        catch
        {
            if (warehouse is not null)
                await warehouse.DisposeAsync();
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writers, readers and whoever watches begin.</summary>
    public void Start()
    {
        watch.Start();
        readers.Start(2, Seed);
        StartTraffic();
    }

    public void StartTraffic()
    {
        traffic.Start(2);
        Neighbour.StartTraffic();
    }

    public Task StopTrafficAsync() => Task.WhenAll(traffic.StopAsync(), Neighbour.StopTrafficAsync());

    /// <summary>What the two installations said, where that is more than that all is well.</summary>
    public string Output => $"{Mirror.Output}\n--- the neighbour ---\n{Neighbour.Mirror.Output}";

    /// <summary>How an installation ended where one did so by itself; null while both run.</summary>
    public async Task<string?> EndAsync() => await Mirror.EndAsync() ?? await Neighbour.Mirror.EndAsync();

    public Task DoAsync(TargetDeed deed, int seed) => WithPlacesAsync(deed.IsAlone ? Hands : 1, async () =>
    {
        Script.Note(deed.Name, "begins");
        await using var hand = new TargetHand(this, deed, seed);
        await deed.DoAsync(hand);
        Script.Note(deed.Name, "is done");
    });

    /// <summary>Nobody else stops or starts the target meanwhile.</summary>
    public Task WithServerAsync(Func<Task> what) => AloneAsync(server, what);

    /// <summary>Nobody else changes the sink's role meanwhile.</summary>
    public Task WithRoleAsync(Func<Task> what) => AloneAsync(role, what);

    /// <summary>Ends the program, which must still run, and starts it again.</summary>
    public async Task RestartMirrorAsync(bool kill, Func<Task>? between = null)
    {
        Script.Note("cdc", kill ? "SIGKILL" : "SIGTERM");
        await Mirror.RestartAsync(cdc => Mirror.LeaveAsync(cdc, kill), between);
        Script.Note("cdc", "started again");
    }

    /// <summary>Waits until everything is read and applied again; until then no deed shows in a table.</summary>
    public async Task StartsOverAsync()
    {
        var clock = Stopwatch.StartNew();
        await Eventually.HoldsAsync("everything is read and applied again", async () =>
        {
            if (!await Status.IsAllThereAsync())
                clock.Restart();
            return clock.Elapsed > TimeSpan.FromSeconds(2);
        }, TimeSpan.FromMinutes(3));
    }

    /// <summary>
    /// Waits, while nobody writes, until the targets are as the source; gives what is not so when the time is over, or when the program
    /// ended.
    /// </summary>
    public async Task<IReadOnlyList<string>> FaultsAsync(TimeSpan within) =>
        [.. await Mirror.FaultsAsync(LookAsync, within), .. await Neighbour.FaultsAsync(within), .. watch.Faults];

    public async ValueTask DisposeAsync()
    {
        await traffic.DisposeAsync();
        await readers.DisposeAsync();
        await watch.DisposeAsync();
        Status.Dispose();
        Lake.Dispose();
        await Neighbour.DisposeAsync();
        Mirror.Dispose();
        await Warehouse.DisposeAsync();
        await Source.DisposeAsync();
        places.Dispose();
        alone.Dispose();
        server.Dispose();
        role.Dispose();
    }

    /// <summary>The file is looked at only where nothing else is left to wait for: the sink waits while it is open.</summary>
    private async Task<IReadOnlyList<string>> LookAsync()
    {
        var troubles = await Mirror.TroublesAsync();
        var differences = (await oracle.CompareAsync()).Select(pair => $"warehouse {pair.Table}: {pair.Difference}").ToList();
        if (differences.Count == 0 && troubles.Count == 0)
            differences.AddRange((await Lake.CompareAsync(Source.Server)).Select(pair => $"lake {pair.Table}: {pair.Difference}"));
        return [.. differences, .. troubles.Select(trouble => $"status: {trouble}")];
    }

    private static string Configuration(Mirror mirror, SourceServer source, Warehouse warehouse) => $$"""
        name: target-monkey
        log:
          embedded: { path: {{mirror.Log}}, segment: 1MB }
        sources:
          shop:
            postgres: { host: {{PostgresServer.Host}}, port: {{source.Server.Port}}, database: source, user: {{SourceServer.Role}}, create: true }
            tables: [ "*.*", "!monkey.*" ]
            snapshot: { chunk: 64KB }
            retry: { longest: 5s }
        sinks:
          warehouse:
            postgres: { host: {{PostgresServer.Host}}, port: {{warehouse.Port}}, database: {{Warehouse.Database}}, user: {{Warehouse.Sink}} }
            retry: { longest: 5s }
          lake:
            duckdb: { path: {{mirror.Beside("lake.duckdb")}}, closedTime: 100ms }
            retry: { longest: 5s }
        http: { port: 0 }
        """;

    private async Task WithPlacesAsync(int count, Func<Task> what)
    {
        await AloneAsync(alone, async () =>
        {
            for (var i = 0; i < count; i++)
                await places.WaitAsync();
        });
        try
        {
            await what();
        }
        finally
        {
            places.Release(count);
        }
    }

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

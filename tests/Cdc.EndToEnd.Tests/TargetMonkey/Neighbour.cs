using Cdc.EndToEnd.Tests.Monkey;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>
/// Another installation that writes into the same database. Its source, its sink and its tables have the first one's names, so all its
/// topics do; its target tables stand in schemas of their own. Neither may notice the other.
/// </summary>
internal sealed class Neighbour : IAsyncDisposable
{
    /// <summary>Its rows in the ledger.</summary>
    public const string Key = "neighbour/warehouse";

    /// <summary>What its target schemas have behind the source's name.</summary>
    private const string Behind = "_next";

    private const string Database = "next";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim alone = new(1);
    private readonly IReadOnlyList<Victim> tables;
    private readonly SinkTroubles status;
    private readonly Oracle oracle;
    private readonly Traffic traffic;

    private Neighbour(SourceServer source, Func<PostgresServer> target, Mirror mirror, IReadOnlyList<Victim> tables, int seed)
    {
        (Mirror, this.tables) = (mirror, tables);
        status = new SinkTroubles(mirror);
        oracle = new Oracle(source.Server, target, Database, Behind);
        traffic = new Traffic(source, seed, Database);
    }

    public Mirror Mirror { get; }

    public static async Task<Neighbour> StartAsync(SourceServer source, Warehouse warehouse, int seed)
    {
        var tables = await Stock.CreateFewAsync(source.Server, SourceServer.Owner, Database);
        var mirror = await Mirror.CreateAsync(mirror => Configuration(mirror.Log, "neighbour", Database, $"{{schema}}{Behind}", source,
            warehouse));
        var neighbour = new Neighbour(source, () => warehouse.Server, mirror, tables, seed);
        mirror.Start();
        return neighbour;
    }

    /// <summary>What an installation is told that writes into the warehouse: all tables of a database, into certain schemas.</summary>
    public static string Configuration(string log, string name, string database, string schema, SourceServer source, Warehouse warehouse) =>
        $$"""
        name: {{name}}
        log:
          embedded: { path: {{log}}, segment: 1MB }
        sources:
          shop:
            postgres:
              host: {{PostgresServer.Host}}
              port: {{source.Server.Port}}
              database: {{database}}
              user: {{SourceServer.Role}}
              slot: {{database}}
              create: true
            tables: [ "*.*", "!monkey.*" ]
            retry: { longest: 5s }
        sinks:
          warehouse:
            postgres: { host: {{PostgresServer.Host}}, port: {{warehouse.Port}}, database: {{Warehouse.Database}}, user: {{Warehouse.Sink}} }
            target: { schema: "{{schema}}" }
            retry: { longest: 5s }
        http: { port: 0 }
        """;

    public void StartTraffic() => traffic.Start(1);

    public Task StopTrafficAsync() => traffic.StopAsync();

    /// <summary>One of its tables; nobody else does something to the neighbour while a deed does.</summary>
    public Victim Any(Random random) => tables[random.Next(tables.Count)];

    /// <summary>A table of its as it is named at the target.</summary>
    public static Victim There(Victim table) => new(table.Schema + Behind, table.Name, table.Shape);

    public async Task AloneAsync(Func<Task> what)
    {
        await alone.WaitAsync();
        try
        {
            await what();
        }
        finally
        {
            alone.Release();
        }
    }

    /// <summary>Waits until its status says that a table is stopped under a code.</summary>
    public async Task MeetsAsync(Victim table, string code)
    {
        string? found = null;
        await Eventually.HoldsAsync($"the neighbour's {table} stands still with {code}",
            async () => (found = await status.CodeOfAsync("warehouse", There(table)) ?? found) == code, Patience);
    }

    /// <summary>Somebody types <c>cdc resync FILE …</c>; waits until the tables are read.</summary>
    public async Task ResyncAsync(params string[] what)
    {
        await Eventually.HoldsAsync("the neighbour takes cdc resync", async () =>
        {
            var code = 0;
            await Mirror.WithProcessAsync(async _ =>
            {
                using var command = CdcProcess.Start(["resync", Mirror.File, .. what]);
                code = await command.WaitForExitAsync(TimeSpan.FromSeconds(60));
            });
            return code == 0;
        }, Patience);
        await CatchesUpAsync();
    }

    /// <summary>
    /// Waits until all tables are read and the sink has applied what was there. A request is taken up within a moment, so this must be so
    /// for a while.
    /// </summary>
    public async Task CatchesUpAsync()
    {
        var names = tables.Select(table => table.ToString()).ToHashSet(StringComparer.Ordinal);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Eventually.HoldsAsync("the neighbour has caught up", async () =>
        {
            if (!await status.AreReadAsync(names) || !(await status.LagOfAsync("warehouse") < 1))
                clock.Restart();
            return clock.Elapsed > Quiet;
        }, Patience);
    }

    /// <summary>Waits, while nobody writes, until its tables are as its source; gives what is not so, or how it ended.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync(TimeSpan within) =>
        [.. (await Mirror.FaultsAsync(LookAsync, within)).Select(fault => $"neighbour: {fault}")];

    public async ValueTask DisposeAsync()
    {
        await traffic.DisposeAsync();
        status.Dispose();
        Mirror.Dispose();
        alone.Dispose();
    }

    private async Task<IReadOnlyList<string>> LookAsync() =>
    [
        .. (await oracle.CompareAsync()).Select(pair => $"{pair.Table}: {pair.Difference}"),
        .. (await Mirror.TroublesAsync()).Select(trouble => $"status: {trouble}"),
    ];
}

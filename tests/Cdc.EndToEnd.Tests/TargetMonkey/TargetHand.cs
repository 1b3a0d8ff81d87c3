using System.Diagnostics;
using System.Globalization;
using Cdc.EndToEnd.Tests.Monkey;
using Cdc.Testing;
using Npgsql;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>
/// Does one deed to a target: has tables to itself there, runs statements as the administrator, changes rows of the source, and sees what
/// the program says.
/// </summary>
internal sealed class TargetHand(Scene scene, TargetDeed deed, int seed) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ReadFor = TimeSpan.FromSeconds(3);
    private static int numbers;

    private readonly List<(Pool Pool, Victim Table)> held = [];
    private readonly Sessions sessions = new(deed.Name);

    public Random Random { get; } = new(seed);

    public Scene Scene => scene;

    public Warehouse Warehouse => scene.Warehouse;

    /// <summary>A number that was not used before, for names.</summary>
    public static string Fresh() => Interlocked.Increment(ref numbers).ToString(CultureInfo.InvariantCulture);

    /// <summary>A table of the warehouse that no other deed has there meanwhile; with a key, where no shape is asked for.</summary>
    public Task<Victim> TakeAsync(params Shape[] shapes) => TakeAsync(scene.WarehouseTables, shapes);

    /// <summary>A table of the DuckDB file that no other deed has there meanwhile.</summary>
    public Task<Victim> TakeOfLakeAsync(params Shape[] shapes) => TakeAsync(scene.LakeTables, shapes);

    /// <summary>All tables of a schema of the warehouse.</summary>
    public async Task<IReadOnlyList<Victim>> TakeSchemaAsync(string schema)
    {
        IReadOnlyList<Victim>? tables = null;
        await Eventually.HoldsAsync($"schema {schema} is free for '{deed}'",
            () => (tables = scene.WarehouseTables.TakeSchema(schema)) is not null, Patience);
        held.AddRange(tables!.Select(table => (scene.WarehouseTables, table)));
        return tables!;
    }

    /// <summary>Statements of one transaction at the warehouse, as a superuser.</summary>
    public Task DbaAsync(string sql) => RunAsync(scene.Warehouse.ConnectionString(PostgresServer.User), sql);

    /// <summary>Statements of one transaction at the source.</summary>
    public Task SourceAsync(string sql) =>
        RunAsync(scene.Source.Server.ConnectionString("source"), $"SET LOCAL ROLE {SourceServer.Owner}; {sql}");

    /// <summary>One statement at the server, from another database than the sink's.</summary>
    public Task MaintainAsync(string sql) => RunAsync(scene.Warehouse.Server.ConnectionString(), sql);

    /// <summary>A setting of the whole server.</summary>
    public async Task SystemAsync(string sql)
    {
        await MaintainAsync(sql);
        await MaintainAsync("SELECT pg_reload_conf()");
    }

    /// <summary>Gives the warehouse's database another name; nobody gets in while that is done.</summary>
    public async Task RenameDatabaseAsync(string from, string to)
    {
        await MaintainAsync($"ALTER DATABASE {from} ALLOW_CONNECTIONS false");
        await MaintainAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'");
        await MaintainAsync($"ALTER DATABASE {from} RENAME TO {to}");
        await MaintainAsync($"ALTER DATABASE {to} ALLOW_CONNECTIONS true");
    }

    /// <summary>Ends all sessions of the sink.</summary>
    public Task KillOursAsync() => MaintainAsync($"SELECT pg_terminate_backend(pid) FROM {Warehouse.Ours}");

    /// <summary>A value of the warehouse.</summary>
    public async Task<T> AskAsync<T>(string sql)
    {
        object? answer = null;
        await sessions.TryAsync(scene.Warehouse.ConnectionString(PostgresServer.User), async connection =>
        {
            await using var command = new NpgsqlCommand(sql, connection);
            answer = await command.ExecuteScalarAsync();
        });
        return answer is DBNull or null ? default! : (T)answer;
    }

    /// <summary>Statements on the DuckDB file, while the sink has it closed.</summary>
    public Task LakeAsync(string sql)
    {
        Note($"(lake) {sql}");
        return scene.Lake.ExecuteAsync(sql);
    }

    /// <summary>Changes rows of a table at the source: some come, some change, some go.</summary>
    public async Task TouchAsync(Victim table)
    {
        await InsertAsync(table);
        await SourceAsync(
            $"UPDATE {table.Sql} SET a = coalesce(a, 0) % 1000 + 1 WHERE ctid IN (SELECT ctid FROM {table.Sql} LIMIT 5); DELETE " +
            $"FROM {table.Sql} WHERE ctid IN (SELECT ctid FROM {table.Sql} OFFSET 5 LIMIT 2)");
    }

    /// <summary>New rows at the source.</summary>
    public async Task InsertAsync(Victim table, int count = 3)
    {
        string? sql = null;
        await sessions.TryAsync(scene.Source.Server.ConnectionString("source"),
            async connection => sql = await RowStatements.InsertAsync(connection, table.Sql, count, Random));
        if (sql is not null)
            await SourceAsync(sql);
    }

    /// <summary>Rows at the source that have one value of <c>a</c> in common.</summary>
    public Task RepeatAsync(Victim table) =>
        SourceAsync($"UPDATE {table.Sql} SET a = 424242 WHERE ctid IN (SELECT ctid FROM {table.Sql} LIMIT 3)");

    /// <summary>Waits while writers continue, a random while of at most so many seconds.</summary>
    public Task PauseAsync(double most = 2) => WaitAsync(Random.NextDouble() * most);

    public static Task WaitAsync(double seconds)
    {
        var clock = Stopwatch.StartNew();
        return Eventually.HoldsAsync("time goes by", () => clock.Elapsed > TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Keeps a transaction of the warehouse open while something else happens.</summary>
    public async Task HoldAsync(string sql, Func<Task> during, string end = "COMMIT")
    {
        Note($"BEGIN; {sql};");
        await sessions.TryAsync(scene.Warehouse.ConnectionString(PostgresServer.User) + ";Application Name=report", async connection =>
        {
            await Sessions.RunAsync(connection, "BEGIN");
            await Sessions.RunAsync(connection, sql);
            await during();
            await Sessions.RunAsync(connection, end);
        });
        Note(end);
    }

    /// <summary>Waits until the status says of the warehouse's table that it is stopped under one of the codes.</summary>
    public Task MeetsAsync(Victim table, params string[] codes) => MeetsAsync("warehouse", table, codes);

    public Task LakeMeetsAsync(Victim table, params string[] codes) => MeetsAsync("lake", table, codes);

    /// <summary>Waits until the status says that the whole sink waits under one of the codes.</summary>
    public async Task SinkMeetsAsync(string sink, params string[] codes)
    {
        string? found = null;
        await WaitForAsync($"sink {sink} waits with {string.Join(" or ", codes)}", async () =>
        {
            found = await scene.Status.CodeOfAsync(sink) ?? found;
            return Array.IndexOf(codes, found) >= 0;
        }, () => found);
    }

    /// <summary>
    /// Waits until a sink that started over has done all that was there: until then a table that another deed stops would come back by
    /// itself.
    /// </summary>
    public async Task CatchesUpAsync(string sink)
    {
        await WaitAsync(2);
        double? lag = null;
        await WaitForAsync($"sink {sink} has caught up", async () => (lag = await scene.Status.LagOfAsync(sink)) < 1,
            () => lag?.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Does something to a table of which the running program has written rows, and is neither ended nor made to forget them meanwhile:
    /// only then it knows which columns the table had.
    /// </summary>
    public Task WhileKnownAsync(string sink, Victim table, Func<Task> what) =>
        scene.WithServerAsync(() => scene.Mirror.WithProcessAsync(async _ =>
    {
        await TouchAsync(table);
        await CatchesUpAsync(sink);
        await what();
    }));

    /// <summary>What brings a table to a halt, its code, and what lets it continue.</summary>
    public async Task StopsAsync(Victim table, string cause, string cure, params string[] codes)
    {
        await DbaAsync(cause);
        await TouchAsync(table);
        await MeetsAsync(table, codes);
        await PauseAsync(4); // It is tried again meanwhile, or not.
        await DbaAsync(cure);
    }

    /// <summary>Waits until a table has rows at the warehouse: where a re-read is not applied yet there is none to lock.</summary>
    public Task HasRowsAsync(Victim table) => Eventually.HoldsAsync($"{table} has rows at the warehouse",
        () => AskAsync<bool>($"SELECT EXISTS (SELECT FROM {table.Sql})"), Patience);

    /// <summary>Waits until tables are there again.</summary>
    public Task SettlesAsync(IReadOnlyCollection<Victim> tables) => Eventually.HoldsAsync("the tables are there again", async () =>
    {
        var missing = 0L;
        foreach (var table in tables)
            missing += await AskAsync<bool>($"SELECT to_regclass({Victim.Literal(table.Sql)}) IS NULL") ? 1 : 0;
        return missing == 0;
    }, Patience);

    /// <summary>Somebody types <c>cdc resync FILE TABLE…</c>.</summary>
    public async Task ResyncAsync(params IEnumerable<Victim> tables)
    {
        string[] names = [.. tables.Select(table => table.ToString())];
        Note($"cdc resync FILE {string.Join(' ', names)}");
        var output = "";
        await WaitForAsync("cdc resync is taken", async () =>
        {
            var code = 0;
            await scene.Mirror.WithProcessAsync(async _ =>
            {
                using var command = CdcProcess.Start(["resync", scene.Mirror.File, .. names]);
                code = await command.WaitForExitAsync(TimeSpan.FromSeconds(60));
                output = command.Output;
            });
            return code == 0;
        }, () => output);

        // Until it is done a table that the next deed stops would come back by itself. A request is taken up within a moment.
        var clock = Stopwatch.StartNew();
        await Eventually.HoldsAsync($"{string.Join(", ", names)} are read again", async () =>
        {
            if (!await scene.Status.AreReadAsync(names))
                clock.Restart();
            return clock.Elapsed > ReadFor;
        }, Patience);
    }

    public void Note(string what) => scene.Script.Note(deed.Name, what);

    public async ValueTask DisposeAsync()
    {
        await sessions.DisposeAsync();
        foreach (var (pool, table) in held)
            pool.Give(table);
    }

    private async Task<Victim> TakeAsync(Pool pool, Shape[] shapes)
    {
        if (shapes.Length == 0)
            shapes = [Shape.Keyed, Shape.Composite, Shape.Toasted];
        Victim? table = null;
        await Eventually.HoldsAsync($"a table is free for '{deed}'", () => (table = pool.Take(Random, shapes)) is not null, Patience);
        held.Add((pool, table!));
        return table!;
    }

    private async Task MeetsAsync(string sink, Victim table, string[] codes)
    {
        string? found = null;
        await WaitForAsync($"{table} stands still at {sink} with {string.Join(" or ", codes)}", async () =>
        {
            found = await scene.Status.CodeOfAsync(sink, table) ?? found;
            return Array.IndexOf(codes, found) >= 0;
        }, () => found);
        Note($"{sink} {table}: {found}");
    }

    private static async Task WaitForAsync(string what, Func<Task<bool>> question, Func<string?> found)
    {
        try
        {
            await Eventually.HoldsAsync(what, question, Patience);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message} Last seen: {found() ?? "nothing"}", error);
        }
    }

    private Task RunAsync(string server, string sql)
    {
        Note(sql);
        return sessions.TryAsync(server, connection => Sessions.RunAsync(connection, sql));
    }
}

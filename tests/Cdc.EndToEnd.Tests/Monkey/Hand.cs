using System.Diagnostics;
using System.Globalization;
using Cdc.Testing;
using Npgsql;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>
/// Does one deed: has tables of the estate to itself, runs statements, waits a little in between. Where the server goes away in the middle,
/// the statement is run again.
/// </summary>
internal sealed class Hand(Monkey monkey, Deed deed, int seed) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static int numbers;

    private readonly List<Victim> held = [];
    private readonly Sessions sessions = new(deed.Name);

    public Random Random { get; } = new(seed);

    public Monkey Monkey => monkey;

    /// <summary>The names of the tables that it has.</summary>
    public IEnumerable<string> Tables => held.Select(victim => victim.ToString());

    /// <summary>A number that was not used before, for names.</summary>
    public static string Fresh() => Interlocked.Increment(ref numbers).ToString(CultureInfo.InvariantCulture);

    /// <summary>A table that no other deed has meanwhile.</summary>
    public async Task<Victim> TakeAsync(params Shape[] shapes)
    {
        Victim? victim = null;
        await Eventually.HoldsAsync($"a table is free for '{deed}'", () => (victim = monkey.Estate.Take(Random, shapes)) is not null,
            Patience);
        held.Add(victim!);
        return victim!;
    }

    /// <summary>A table that can take about any statement: with a key, a number <c>a</c> and a text <c>note</c>.</summary>
    public Task<Victim> TakeAnyAsync() => TakeAsync(Shape.Keyed, Shape.Composite, Shape.Generated, Shape.Toasted);

    /// <summary>A new table, from now on part of the estate.</summary>
    public Victim Add(string schema, string name, Shape shape)
    {
        var victim = new Victim(schema, name, shape);
        held.Add(victim);
        return victim;
    }

    /// <summary>The table is no more.</summary>
    public void Drop(Victim victim) => held.Remove(victim);

    /// <summary>Statements of one transaction, as the owner of the tables.</summary>
    public Task DoAsync(string sql) => RunAsync(SourceServer.Owner, "source", sql);

    /// <summary>Statements of one transaction, as a superuser.</summary>
    public Task CommandAsync(string sql) => RunAsync(PostgresServer.User, "source", sql);

    /// <summary>A value, asked by a superuser.</summary>
    public async Task<T> AskAsync<T>(string sql)
    {
        object? answer = null;
        await TryAsync(PostgresServer.User, async connection =>
        {
            await using var command = new NpgsqlCommand(sql, connection);
            answer = await command.ExecuteScalarAsync();
        });
        return answer is DBNull or null ? default! : (T)answer;
    }

    /// <summary>New rows.</summary>
    public async Task FillAsync(string table, int count = 20)
    {
        string? sql = null;
        await TryAsync(PostgresServer.User, async connection => sql = await RowStatements.InsertAsync(connection, table, count, Random));
        if (sql is not null)
            await CommandAsync(sql);
    }

    public Task FillAsync(Victim table, int count = 20) => FillAsync(table.Sql, count);

    /// <summary>Changes rows of each table that is at hand, so that what was done before shows.</summary>
    public Task TouchAsync(Victim table) => TouchAsync(table.Sql);

    public async Task TouchAsync(string table)
    {
        await FillAsync(table, 3);
        await CommandAsync(
            $"UPDATE {table} SET a = coalesce(a, 0) + 1000 WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM {table} LIMIT 5)");
        await CommandAsync($"DELETE FROM {table} WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM {table} OFFSET 5 LIMIT 2)");
    }

    /// <summary>Waits while writers continue, a random while of at most so many seconds.</summary>
    public Task PauseAsync(double most = 3)
    {
        var clock = Stopwatch.StartNew();
        var pause = TimeSpan.FromSeconds(Random.NextDouble() * Math.Min(most, 5));
        return Eventually.HoldsAsync("time goes by", () => clock.Elapsed > pause);
    }

    /// <summary>Keeps a transaction open for a while, with what it did first.</summary>
    public async Task HoldAsync(string sql, double most = 5, string end = "COMMIT")
    {
        monkey.Script.Note(deed.Name, $"BEGIN; {sql};");
        await TryAsync(SourceServer.Owner, async connection =>
        {
            await Sessions.RunAsync(connection, "BEGIN");
            await Sessions.RunAsync(connection, sql);
            await PauseAsync(most);
            await Sessions.RunAsync(connection, end);
        });
        monkey.Script.Note(deed.Name, end);
    }

    public void Note(string what) => monkey.Script.Note(deed.Name, what);

    public async ValueTask DisposeAsync()
    {
        await sessions.DisposeAsync();
        foreach (var victim in held)
            monkey.Estate.Give(victim);
    }

    private async Task RunAsync(string user, string database, string sql)
    {
        monkey.Script.Note(deed.Name, $"{(user == SourceServer.Owner ? "" : $"({user} at {database}) ")}{sql}");
        await TryAsync(user, connection => Sessions.RunAsync(connection, sql));
    }

    private Task TryAsync(string user, Func<NpgsqlConnection, Task> what) =>
        sessions.TryAsync(
            new NpgsqlConnectionStringBuilder(monkey.Source.Server.ConnectionString("source")) { Username = user }.ConnectionString, what);
}

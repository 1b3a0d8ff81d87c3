using Npgsql;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>
/// Writers that change rows of whatever tables there are at the moment, whatever shape they have: a statement that a table refuses, because
/// it was changed meanwhile or has no identity, is given up.
/// </summary>
internal sealed class Traffic(SourceServer source, int seed, string database = "source") : IAsyncDisposable
{
    private const string Tables = """
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('monkey', 'information_schema') AND n.nspname !~ '^pg_'
        """;

    private CancellationTokenSource? stopping;
    private readonly List<Task> running = [];
    private long transactions;

    /// <summary>Transactions committed by all writers.</summary>
    public long Transactions => Interlocked.Read(ref transactions);

    public void Start(int count)
    {
        stopping = new CancellationTokenSource();
        for (var writer = 0; writer < count; writer++)
        {
            var random = new Random(seed + writer);
            running.Add(Task.Run(() => RunAsync(random, stopping.Token)));
        }
    }

    public async Task StopAsync()
    {
        if (stopping is null)
            return;
        await stopping.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        running.Clear();
        stopping.Dispose();
        stopping = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task RunAsync(Random random, CancellationToken stop)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        NpgsqlConnection? connection = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                connection ??= await OpenAsync();
                var tables = await ListAsync(connection);
                for (var i = 0; i < 20 && await pace.WaitForNextTickAsync(stop); i++)
                    await TransactAsync(connection, tables[random.Next(tables.Count)], random);
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or OperationCanceledException)
            {
                if (connection is not null)
                    await connection.DisposeAsync();
                connection = null;
            }
        }

        if (connection is not null)
            await connection.DisposeAsync();
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await source.Server.ConnectAsync(database);
        await ExecuteAsync(connection, "SET lock_timeout = '2s'");
        return connection;
    }

    private static async Task<List<uint>> ListAsync(NpgsqlConnection connection)
    {
        var tables = new List<uint>();
        await using var command = new NpgsqlCommand(Tables, connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            tables.Add(await reader.GetFieldValueAsync<uint>(0));
        return tables;
    }

    private async Task TransactAsync(NpgsqlConnection connection, uint table, Random random)
    {
        try
        {
            var sql = await RowStatements.AnyAsync(connection, table, random);
            if (sql is null)
                return;
            await ExecuteAsync(connection, sql);
            Interlocked.Increment(ref transactions);
        }
        catch (PostgresException error) when (!error.SqlState.StartsWith("57P", StringComparison.Ordinal))
        {
            // The table was changed meanwhile, is locked, or does not take such rows.
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 20 };
        await command.ExecuteNonQueryAsync();
    }
}

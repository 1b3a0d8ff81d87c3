using Cdc.EndToEnd.Tests.Monkey;
using Npgsql;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>Reports that read one table of the target after the other; <see cref="WarehouseWatch"/> sees whom they wait for.</summary>
internal sealed class Readers(Warehouse warehouse, IReadOnlyList<Victim> tables) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> running = [];
    private long reads;

    /// <summary>Tables read by all.</summary>
    public long Reads => Interlocked.Read(ref reads);

    public void Start(int count, int seed)
    {
        for (var reader = 0; reader < count; reader++)
        {
            var random = new Random(seed + reader);
            running.Add(Task.Run(() => RunAsync(random)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task RunAsync(Random random)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        NpgsqlConnection? connection = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await pace.WaitForNextTickAsync(stopping.Token);
                if (connection is null)
                {
                    connection = new NpgsqlConnection(warehouse.ConnectionString(Warehouse.Reader));
                    await connection.OpenAsync(stopping.Token);
                }

                await using var command = new NpgsqlCommand($"SELECT count(*) FROM {tables[random.Next(tables.Count)].Sql}",
                    connection) { CommandTimeout = 40 };
                await command.ExecuteScalarAsync(stopping.Token);
                Interlocked.Increment(ref reads);
            }
            catch (PostgresException error) when (error.SqlState.StartsWith("42", StringComparison.Ordinal) || error.SqlState == "3F000")
            {
                // The table is not there now.
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException)
            {
                if (connection is not null)
                    await connection.DisposeAsync();
                connection = null;
            }
        }

        if (connection is not null)
            await connection.DisposeAsync();
    }
}

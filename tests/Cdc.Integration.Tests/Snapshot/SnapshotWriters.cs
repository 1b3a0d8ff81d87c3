using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>Sessions that change the tables as long as they are let: rows come, go, move, change their keys.</summary>
internal sealed class SnapshotWriters : IAsyncDisposable
{
    private static readonly string[] Statements =
    [
        "UPDATE item SET amount = amount + 1 WHERE id = (random() * 100000)::int",
        "UPDATE item SET note = note || '.', amount = 0 WHERE id BETWEEN (random() * 100000)::int AND (random() * 100000)::int + 20 " +
        "AND id % 1000 = 7",
        "DELETE FROM item WHERE id = (random() * 100000)::int",
        "INSERT INTO item SELECT 200000 + (random() * 100000)::int, 1, 'new' ON CONFLICT DO NOTHING",
        "UPDATE item SET id = 400000 + (random() * 1000000)::int WHERE id = (random() * 100000)::int",
        "UPDATE long SET amount = amount + 1 WHERE id = (random() * 2000)::int",
        "UPDATE long SET id = 5000 + (random() * 1000000)::int WHERE id = (random() * 2000)::int",
        "UPDATE long SET body = repeat(md5(random()::text), 200) WHERE id = (random() * 2000)::int",
        "DELETE FROM long WHERE id = (random() * 2000)::int",
        "UPDATE part SET day = '2024-01-01'::date + (random() * 58)::int, amount = amount + 1 WHERE id = (random() * 20000)::int",
        "DELETE FROM part WHERE id = (random() * 20000)::int",
        "UPDATE \"Odd Schema\".\"Odd \"\"Table\"\"\" SET \"a b\" = \"a b\" || '''' WHERE \"c\"\"d\" = (random() * 6)::int " +
        "AND \"select\" LIKE '%' || (random() * 500)::int",
    ];

    private readonly CancellationTokenSource stopping = new();
    private readonly Task writing;

    private SnapshotWriters(PostgresServer server, int sessions) =>
        writing = Task.WhenAll(Enumerable.Range(0, sessions).Select(number => WriteAsync(server, number)));

    public static SnapshotWriters Start(PostgresServer server, int sessions) => new(server, sessions);

    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await writing;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
    }

    private async Task WriteAsync(PostgresServer server, int number)
    {
        var random = new Random(number);
        await using var session = await server.ConnectAsync("source");
        while (!stopping.IsCancellationRequested)
        {
            var statements = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Statements[random.Next(Statements.Length)]);
            try
            {
                await using var command = new NpgsqlCommand($"BEGIN; {string.Join("; ", statements)}; COMMIT", session);
                await command.ExecuteNonQueryAsync();
            }
            catch (PostgresException error) when (error.SqlState is "23505" or "40P01" or "42P01")
            {
                await using var rollback = new NpgsqlCommand("ROLLBACK", session);
                await rollback.ExecuteNonQueryAsync();
            }
        }
    }
}

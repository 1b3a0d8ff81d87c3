using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>Sessions that change the table <c>bag</c>, which is full of equal rows, as long as they are let.</summary>
internal sealed class BagWriters : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Task writing;
    private long transactions;

    public BagWriters(PostgresServer server, int sessions) =>
        writing = Task.WhenAll(Enumerable.Range(0, sessions).Select(number => WriteAsync(server, new Random(number))));

    public long Transactions => Interlocked.Read(ref transactions);

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

    private static string Statement(Random random)
    {
        var some = $"ctid = ANY (ARRAY(SELECT ctid FROM bag WHERE a = {random.Next(50)} LIMIT {random.Next(1, 4)} FOR UPDATE SKIP LOCKED))";
        return random.Next(8) switch
        {
            0 or 1 => $"INSERT INTO bag SELECT {random.Next(50)}, 'new', NULL, NULL FROM generate_series(1, {random.Next(1, 4)})",
            2 => $"INSERT INTO bag VALUES ({random.Next(5)}, 'long', 0, repeat(md5('{random.Next(5)}'), 200))",
            3 or 4 => $"DELETE FROM bag WHERE {some}",
            5 => $"UPDATE bag SET a = a WHERE {some}",
            _ => $"UPDATE bag SET n = {random.Next(3)}, a = {random.Next(50)} WHERE {some}",
        };
    }

    private async Task WriteAsync(PostgresServer server, Random random)
    {
        await using var session = await server.ConnectAsync("source");
        while (!stopping.IsCancellationRequested)
        {
            var statements = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Statement(random));
            try
            {
                await using var command = new NpgsqlCommand(
                    $"BEGIN; {string.Join("; ", statements)}; {(random.Next(10) == 0 ? "ROLLBACK" : "COMMIT")}", session);
                await command.ExecuteNonQueryAsync();
                Interlocked.Increment(ref transactions);
            }
            catch (PostgresException error) when (error.SqlState is "40P01")
            {
                await using var rollback = new NpgsqlCommand("ROLLBACK", session);
                await rollback.ExecuteNonQueryAsync();
            }
        }
    }
}

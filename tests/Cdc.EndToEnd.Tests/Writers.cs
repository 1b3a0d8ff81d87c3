using Cdc.Testing;
using Npgsql;

namespace Cdc.EndToEnd.Tests;

/// <summary>
/// Random transactions on the shop's tables: inserts, updates, deletes, changes of the key, savepoints that are rolled back, transactions
/// that are rolled back. Each writer keeps to rows of its own, so that it knows their versions. Broken connections are made again.
/// </summary>
internal sealed class Writers(PostgresServer server, int seed) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> running = [];
    private long transactions;

    /// <summary>Transactions committed by all writers.</summary>
    public long Transactions => Interlocked.Read(ref transactions);

    public void Start(int count)
    {
        for (var writer = 0; writer < count; writer++)
        {
            var number = writer;
            running.Add(Task.Run(() => RunAsync(number, new Random(seed + number))));
        }
    }

    /// <summary>Ends the writers; throws what one of them failed with.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task RunAsync(int writer, Random random)
    {
        NpgsqlConnection? connection = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                connection ??= await server.ConnectAsync("source");
                await TransactAsync(connection, writer, random);
                Interlocked.Increment(ref transactions);
            }
            catch (NpgsqlException error) when (error is not PostgresException { SqlState: not ("57P01" or "57P02" or "57P03") })
            {
                if (connection is not null)
                    await connection.DisposeAsync();
                connection = null;
            }
        }

        if (connection is not null)
            await connection.DisposeAsync();
    }

    private static async Task TransactAsync(NpgsqlConnection connection, int writer, Random random)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var statements = random.Next(1, 12);
        for (var i = 0; i < statements; i++)
        {
            if (random.Next(8) != 0)
            {
                await ExecuteAsync(connection, Statement(writer, random));
                continue;
            }

            await ExecuteAsync(connection, "SAVEPOINT s");
            await ExecuteAsync(connection, Statement(writer, random));
            await ExecuteAsync(connection, random.Next(2) == 0 ? "ROLLBACK TO SAVEPOINT s" : "RELEASE SAVEPOINT s");
        }

        if (random.Next(10) == 0)
            await transaction.RollbackAsync();
        else
            await transaction.CommitAsync();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Statement(int writer, Random random)
    {
        var table = Shop.Tables[random.Next(Shop.Tables.Length)];
        var row = $"(SELECT uid FROM shop.{table} WHERE uid % 100 = {writer} ORDER BY md5(uid::text || '{random.Next()}') LIMIT 1)";
        return random.Next(10) switch
        {
            < 4 => Insert(table, writer, random),
            < 8 => $"UPDATE shop.{table} SET version = version + 1{Change(table, random)} WHERE uid = {row}",
            8 => KeyChange(table, row, random),
            _ => $"DELETE FROM shop.{table} WHERE uid = {row}",
        };
    }

    private static string Insert(string table, int writer, Random random)
    {
        var uid = $"(nextval('shop.uids') * 100 + {writer})";
        return Shop.ShapeOf(table) switch
        {
            "plain" =>
                $"INSERT INTO shop.plain SELECT u, u, 0, {random.Next(100000)} / 100.0, now(), repeat('é', {random.Next(40)}) FROM " +
                $"(SELECT {uid} AS u) n",
            "documents" =>
                $"INSERT INTO shop.documents SELECT u, u, 0, 'title', repeat(md5(u::text), {random.Next(300)}) FROM (SELECT {uid} AS u) n",
            "moving" => $"INSERT INTO shop.moving SELECT u, u, 0, md5(u::text) FROM (SELECT {uid} AS u) n",
            "wide" =>
                $"INSERT INTO shop.wide (id, uid, version, c0, c1, c2) SELECT u, u, 0, {random.Next(9999)}, 'w', 1.5 FROM " +
                $"(SELECT {uid} AS u) n",
            "ranged" => $"INSERT INTO shop.ranged SELECT u, u, 0, date '2020-06-01' + {random.Next(700)}, 'r' FROM (SELECT {uid} AS u) n",
            "loose" => $"INSERT INTO shop.loose SELECT u, 0, 'n', {random.Next(3)} FROM (SELECT {uid} AS u) n",
            "growing" => $"INSERT INTO shop.growing SELECT u, u, 0, 'g' FROM (SELECT {uid} AS u) n",
            "many" => $"INSERT INTO shop.{table} SELECT u, u, 0, {random.Next(100000)} / 100.0, 'm' FROM (SELECT {uid} AS u) n",
            _ => $$"""INSERT INTO shop.composite SELECT 'r' || u % 7, gen_random_uuid(), u, 0, ARRAY['a', NULL, 'b"c'], '{"k": 1}' FROM (SELECT {{uid}} AS u) n""",
        };
    }

    private static string Change(string table, Random random) => Shop.ShapeOf(table) switch
    {
        "plain" => $", price = {random.Next(100000)} / 100.0, note = NULL",
        "documents" => random.Next(3) == 0 ? ", body = repeat(md5(version::text), 200)" : ", title = 'title ' || version",
        "moving" => ", body = md5(body)",
        "wide" => $", c{random.Next(32) * 3} = {random.Next(9999)}",
        "ranged" or "growing" => ", note = note || '.'",
        "loose" => ", note = NULL, weight = -weight",
        "many" => $", amount = {random.Next(100000)} / 100.0, note = NULL",
        _ => ", tags = tags || 'x'::text, extra = NULL",
    };

    private static string KeyChange(string table, string row, Random random) => Shop.ShapeOf(table) switch
    {
        "composite" => $"UPDATE shop.composite SET version = version + 1, region = 'moved', code = gen_random_uuid() WHERE uid = {row}",
        "ranged" => $"UPDATE shop.ranged SET version = version + 1, day = date '2020-06-01' + {random.Next(700)} WHERE uid = {row}",
        // The body of a document is not sent again when its key changes.
        "moving" or "documents" or "many" =>
            $"UPDATE shop.{table} SET version = version + 1, id = nextval('shop.uids') * 100 + 99 WHERE uid = {row}",
        _ => $"UPDATE shop.{table} SET version = version + 1 WHERE uid = {row}",
    };
}

using System.Globalization;
using Cdc.Benchmarks.Capture;
using Cdc.Capture.Postgres;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;
using Npgsql;

namespace Cdc.Benchmarks.Sinks;

/// <summary>
/// A table of a million rows, then changes of it, in an embedded log that a real capture filled. Of ten changes eight are updates, one an
/// insert, one a delete. Uniform keys come once in a batch at most; skewed ones as YCSB draws them.
/// </summary>
internal sealed class SinkWorkload(PostgresServer server, string name, bool skewed, long tableRows, long changes, string folder)
{
    public const int BatchRows = 50_000;

    public string Name { get; } = name;

    public bool IsSkewed { get; } = skewed;

    public long TableRows { get; } = tableRows;

    public long Changes { get; } = changes;

    public string LogFolder => Path.Combine(folder, Name + "-log");

    public string Source => "source_" + Name;

    private PostgresOptions SourceOptions => new()
    {
        Host = PostgresServer.Host, Port = server.Port, Database = Source, User = PostgresServer.User, Slot = Name, Publication = "p",
    };

    public async Task MakeTableAsync()
    {
        await server.ExecuteAsync($"CREATE DATABASE {Source}");
        await server.ExecuteAsync($"""
            {CaptureWorkload.CreateTable};
            CREATE TABLE changes (n bigint, op "char", k bigint);
            CREATE PUBLICATION p FOR TABLE orders;
            """, Source);
        await FillChangesAsync();
        await server.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{Name}', 'pgoutput')", Source);
        await server.ExecuteAsync(
            $"INSERT INTO orders SELECT {CaptureWorkload.Values} FROM (SELECT i, 0 FROM generate_series(0, {TableRows - 1}) i) AS " +
            "rows(k, n)", Source);
        await CaptureAsync(TableRows);
    }

    public async Task MakeChangesAsync()
    {
        await using (var connection = await server.ConnectAsync(Source))
        {
            await using var command = new NpgsqlCommand($$"""
                DO $$
                DECLARE n bigint; k bigint; op "char";
                BEGIN
                    FOR n, op, k IN SELECT c.n, c.op, c.k FROM changes c ORDER BY c.n LOOP
                        IF op = 'c' THEN
                            INSERT INTO orders SELECT {{CaptureWorkload.Values}};
                        ELSIF op = 'u' THEN
                            UPDATE orders SET (id, customer, quantity, price, paid, created, updated, email, version,
                                note) = (SELECT {{CaptureWorkload.Values}}) WHERE id = k;
                        ELSE
                            DELETE FROM orders WHERE id = k;
                        END IF;
                        IF n % 1000 = 999 THEN COMMIT; END IF;
                    END LOOP;
                END $$
                """, connection) { CommandTimeout = 3600 };
            await command.ExecuteNonQueryAsync();
        }

        await CaptureAsync(Changes + Changes / 10);
    }

    /// <summary>The table's present rows as one number that does not depend on their order.</summary>
    public static string DigestSql(string table) =>
        "SELECT count(*) || ' ' || sum(hashtextextended(concat_ws('|', id, customer, quantity, price, paid, created, updated, email, " +
        $"version, note), 0)) FROM {table}";

    /// <summary>The rows of a batch as a script would stage them, in the server's own binary or CSV form.</summary>
    public async Task<byte[]> BatchAsync(long batch, string format)
    {
        await using var connection = await server.ConnectAsync(Source);
        var query = $"""
            COPY (SELECT {CaptureWorkload.Values}, 0, {TableRows} + n, now(), CASE WHEN op = 'd' THEN true END
                FROM changes WHERE n >= {batch * BatchRows} AND n < {(batch + 1) * BatchRows} ORDER BY n) TO STDOUT (FORMAT {format})
            """;
        using var bytes = new MemoryStream();
        if (format == "binary")
        {
            await using var stream = await connection.BeginRawBinaryCopyAsync(query);
            await stream.CopyToAsync(bytes);
        }
        else
        {
            using var text = await connection.BeginTextExportAsync(query);
            bytes.Write(System.Text.Encoding.UTF8.GetBytes(await text.ReadToEndAsync()));
        }

        return bytes.ToArray();
    }

    private async Task FillChangesAsync()
    {
        var updated = TableRows / 5 * 4;
        var zipf = IsSkewed ? new Zipf(updated, seed: 1) : null;
        await using var connection = await server.ConnectAsync(Source);
        await using var writer = await connection.BeginTextImportAsync("COPY changes FROM STDIN");
        for (var n = 0L; n < Changes; n++)
        {
            var (operation, key) = (n % 10) switch
            {
                0 => ('c', TableRows + n),
                9 => ('d', updated + n / 10),
                _ => ('u', zipf?.Next() ?? n * 7919 % updated),
            };
            await writer.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{n}\t{operation}\t{key}\n"));
        }
    }

    private async Task CaptureAsync(long records)
    {
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = LogFolder }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(LogFolder);
        await RunningCapture.UntilAsync(SourceOptions, log, registry, Name, "public.orders", records);
    }
}

using Cdc.Testing;

namespace Cdc.Benchmarks.Capture;

/// <summary>
/// One log of a server, made once and read by every run from a copy of one slot: rows of 10 columns and about 150 bytes; of ten changes
/// four are inserts, five updates, one is a delete.
/// </summary>
internal sealed record CaptureWorkload(string Slot, long Changes, long Warming, string EndLsn, ulong Digest)
{
    public const string Database = "source";
    public const string Publication = "p";

    public const string CreateTable = """
        CREATE TABLE orders (id bigint PRIMARY KEY, customer text, quantity int, price numeric(12,2), paid boolean, created timestamptz,
            updated timestamp, email text, version bigint, note text)
        """;

    // Of a key k and the number n of the change that wrote it.
    public const string Values =
        "k, 'customer ' || (k % 1000), (k % 97)::int, ((n % 100000) / 100.0)::numeric(12,2), n % 2 = 0, timestamptz '2025-01-01' + n * " +
        "interval '1 second', "
        + "timestamp '2025-06-01' + n * interval '1 second', 'c' || k || '@example.org', n, 'note of the change number ' || n";

    /// <summary>Records that the changes become: a delete has a tombstone after it.</summary>
    public long Records => RecordsOf(Changes);

    public static long RecordsOf(long changes) => changes + changes / 10;

    public static async Task PrepareAsync(PostgresServer server)
    {
        await server.ExecuteAsync($"CREATE DATABASE {Database}");
        await server.ExecuteAsync(CreateTable, Database);
        await server.ExecuteAsync($$"""
            CREATE PROCEDURE make(base bigint, changes bigint, size bigint) LANGUAGE plpgsql AS $$
            DECLARE k bigint;
            BEGIN
                FOR n IN 0 .. changes - 1 LOOP
                    IF n % 10 < 4 THEN
                        k := base + changes + n;
                        INSERT INTO orders SELECT {{Values}};
                    ELSIF n % 10 < 9 THEN
                        k := base + (n * 7919::bigint) % (changes / 10);
                        UPDATE orders SET (id, customer, quantity, price, paid, created, updated, email, version,
                            note) = (SELECT {{Values}}) WHERE id = k;
                    ELSE
                        DELETE FROM orders WHERE id = base + changes / 10 + n / 10;
                    END IF;
                    IF n % size = size - 1 THEN COMMIT; END IF;
                END LOOP;
            END $$;
            CREATE TABLE endings (at bigint PRIMARY KEY);
            CREATE PUBLICATION {{Publication}} FOR TABLE orders, endings;
            """, Database);
    }

    /// <summary>Makes rows, then a slot, then the changes that the slot will tell.</summary>
    /// <param name="first">The first key of this workload.</param>
    /// <param name="size">Changes in a transaction.</param>
    public static async Task<CaptureWorkload> MakeAsync(PostgresServer server, string slot, long first, long changes, int size)
    {
        changes -= changes % 100;
        await server.ExecuteAsync(
            $"INSERT INTO orders SELECT {Values} FROM (SELECT {first} + i, 0 FROM generate_series(0, {changes / 5 - 1}) i) AS rows(k, " +
            "n); ANALYZE orders", Database);
        await server.ExecuteAsync($"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')", Database);
        await using (var connection = await server.ConnectAsync(Database))
        {
            await using var call = new Npgsql.NpgsqlCommand($"CALL make({first}, {changes}, {size})", connection) { CommandTimeout = 3600 };
            await call.ExecuteNonQueryAsync();
        }

        var end = await server.QueryAsync<string>("SELECT pg_current_wal_insert_lsn()::text", Database);
        // Something behind the end, so that whoever reads the stream sees that it is reached.
        await server.ExecuteAsync($"INSERT INTO endings VALUES ({first})", Database);
        return new CaptureWorkload(slot, changes, Math.Min(250_000, changes / 2), end, DigestOf(first, changes));
    }

    private static ulong DigestOf(long first, long changes)
    {
        var digest = default(ChangeDigest);
        for (var i = 0L; i < changes; i++)
        {
            switch (i % 10)
            {
                case < 4:
                    digest.Add('c', first + changes + i, i);
                    break;
                case < 9:
                    digest.Add('u', first + i * 7919 % (changes / 10), i);
                    break;
                default:
                    digest.Add('d', first + changes / 10 + i / 10, []);
                    break;
            }
        }

        return digest.Sum;
    }
}

using System.Diagnostics;
using Cdc.Benchmarks.Running;
using Cdc.Sink.Writers.DuckDb.Native;

namespace Cdc.Benchmarks.Sinks;

/// <summary>
/// What one would write by hand in DuckDB's own language: each batch from a Parquet file into a temporary table, then <c>MERGE</c>, in one
/// transaction. The file stays open from first to last, with the memory and threads that the sink has.
/// </summary>
internal sealed class DuckDbScript : IDisposable
{
    private const string Fold = "QUALIFY row_number() OVER (PARTITION BY id ORDER BY _cdc_offset DESC) = 1";

    private readonly DuckDbConnection connection = DuckDbConnection.OpenInMemory(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["memory_limit"] = $"{128 << 20}B", ["threads"] = "2",
    });

    public DuckDbScript() => connection.Execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false");

    /// <summary>Makes a Parquet file of a batch from the server's CSV.</summary>
    public void ToParquet(string csv, string parquet) => connection.Execute($$"""
        COPY (SELECT * FROM read_csv('{{csv}}', header = false,
            columns = {id: 'BIGINT', customer: 'VARCHAR', quantity: 'INTEGER', price: 'DECIMAL(12,2)',
            paid: 'VARCHAR', created: 'TIMESTAMPTZ', updated: 'TIMESTAMP', email: 'VARCHAR', version: 'BIGINT', note: 'VARCHAR',
            _cdc_partition: 'INTEGER', _cdc_offset: 'BIGINT', _cdc_committed_at: 'TIMESTAMPTZ', gone: 'VARCHAR'})) TO '{{parquet}}' (FORMAT parquet)
        """);

    public RungResult Run(string file, bool skewed, IReadOnlyList<string> batches, int warming)
    {
        connection.Execute($"ATTACH '{file}' AS target");
        var started = 0L;
        for (var i = 0; i < batches.Count; i++)
        {
            if (i == warming)
                started = Stopwatch.GetTimestamp();
            connection.Execute($"""
                BEGIN;
                CREATE OR REPLACE TEMP TABLE stage AS SELECT * REPLACE (paid = 't' AS paid) FROM '{batches[i]}' {(skewed ? Fold : "")};
                MERGE INTO target.public.orders t USING stage s ON t.id = s.id
                WHEN MATCHED AND s.gone = 't' THEN DELETE
                WHEN MATCHED THEN UPDATE SET customer = s.customer, quantity = s.quantity, price = s.price, paid = s.paid,
                    created = s.created, updated = s.updated,
                    email = s.email, version = s.version, note = s.note, _cdc_partition = s._cdc_partition, _cdc_offset = s._cdc_offset,
                    _cdc_committed_at = s._cdc_committed_at
                WHEN NOT MATCHED AND s.gone IS NULL THEN INSERT
                    VALUES (s.id, s.customer, s.quantity, s.price, s.paid, s.created, s.updated, s.email, s.version, s.note,
                    s._cdc_partition, s._cdc_offset, s._cdc_committed_at);
                COMMIT;
                """);
        }

        var result = new RungResult((batches.Count - warming) * (long)SinkWorkload.BatchRows,
            Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 0, 0);
        connection.Execute("DETACH target");
        return result;
    }

    /// <summary>The table's rows as one text that does not depend on their order.</summary>
    public string Digest(string file)
    {
        connection.Execute($"ATTACH '{file}' AS target (READ_ONLY)");
        try
        {
            using var rows = connection.Query("""
                SELECT count(*)::VARCHAR || ' ' || sum(id)::VARCHAR || ' ' || sum(version)::VARCHAR || ' ' || sum(price)::VARCHAR
                    || ' ' || sum(hash(note) % 1000000)::VARCHAR
                FROM target.public.orders
                """);
            return rows.Read() ? rows.Text(0)! : "";
        }
        finally
        {
            connection.Execute("DETACH target");
        }
    }

    public void Dispose() => connection.Dispose();
}

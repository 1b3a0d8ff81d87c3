using Cdc.Benchmarks.Capture;
using Cdc.Benchmarks.Running;
using Cdc.Testing;

namespace Cdc.Benchmarks.Snapshots;

/// <summary>Reading a table that nobody changes, with all that capture does for it, against one COPY of the same table.</summary>
internal static class SnapshotMeasure
{
    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var rows = options.Rows ?? 2_000_000L;
        report.Say("making the table");
        await using var server = await PostgresServer.StartAsync(settings: "max_wal_size = 8GB");
        await server.ExecuteAsync($"CREATE DATABASE {SnapshotSettings.Database}");
        await MakeAsync(server, SnapshotSettings.WarmTable, Math.Min(rows, 500_000));
        await MakeAsync(server, SnapshotSettings.Table, rows);
        foreach (var (name, isEmbedded) in new[] { ("snapshot discarding", false), ("snapshot embedded", true) })
        {
            if (options.Asks(name))
                await MeasureAsync(server, name, isEmbedded, rows, options, report);
        }
    }

    private static async Task MakeAsync(PostgresServer server, string table, long rows)
    {
        await server.ExecuteAsync(CaptureWorkload.CreateTable.Replace("TABLE orders", $"TABLE {table}", StringComparison.Ordinal),
            SnapshotSettings.Database);
        await server.ExecuteAsync(
            $"INSERT INTO {table} SELECT {CaptureWorkload.Values} FROM (SELECT i, i FROM generate_series(1, {rows}) i) AS rows(k, n)",
            SnapshotSettings.Database);
        // What is left to write down is written now, not under the clock.
        await server.ExecuteAsync($"VACUUM (FREEZE, ANALYZE) {table}", SnapshotSettings.Database);
        await server.ExecuteAsync("CHECKPOINT");
    }

    private static async Task MeasureAsync(
        PostgresServer server, string name, bool isEmbedded, long rows, BenchOptions options, Report report)
    {
        report.Say($"{name}: checking, then {options.Pairs} pairs");
        var checkedRun = await RungAsync(server, rows, isEmbedded, verify: true);
        var figure = await Pairs.RunAsync(
            name, options.Pairs, "COPY", () => RungAsync(server, rows, isEmbedded, verify: false), () => BaselineAsync(server, rows));
        report.Add(figure with { Correct = checkedRun.Digest == DigestOf(rows) && figure.Rows == rows });
    }

    private static Task<RungResult> BaselineAsync(PostgresServer server, long rows) => Child.ProgramAsync(
        rows, "psql", "-h", PostgresServer.Host, "-p", $"{server.Port}", "-U", PostgresServer.User, "-d", SnapshotSettings.Database,
        "-q", "-o", "/dev/null", "-c", $"COPY (SELECT * FROM {SnapshotSettings.Table}) TO STDOUT");

    private static async Task<RungResult> RungAsync(PostgresServer server, long rows, bool isEmbedded, bool verify)
    {
        using var folder = new TemporaryFolder();
        var settings = new SnapshotSettings(server.Port, rows, Math.Min(rows, 500_000), isEmbedded ? folder.Path : null, verify);
        var result = await Child.RungAsync("snapshot", settings.ToJson());
        foreach (var slot in new[] { SnapshotSettings.WarmTable, SnapshotSettings.Table })
        {
            // A source that is only read drops its slot itself, once its log says that all is done.
            await Eventually.HoldsAsync($"slot '{slot}' is gone", async () => !await server.QueryAsync<bool>(
                $"SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '{slot}')", SnapshotSettings.Database));
            await server.ExecuteAsync($"DROP PUBLICATION IF EXISTS {slot}", SnapshotSettings.Database);
        }

        return result;
    }

    private static ulong DigestOf(long rows)
    {
        var digest = default(ChangeDigest);
        for (var i = 1L; i <= rows; i++)
            digest.Add('r', i, i);
        return digest.Sum;
    }
}

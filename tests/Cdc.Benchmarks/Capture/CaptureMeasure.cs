using Cdc.Benchmarks.Running;
using Cdc.Testing;

namespace Cdc.Benchmarks.Capture;

/// <summary>The ladder of capture against the server's own reader of the same stream.</summary>
internal static class CaptureMeasure
{
    private static readonly string[] Ladder = ["read", "decode", "encode", "embedded"];

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var rows = options.Rows ?? 500_000;
        report.Say("making the source's log");
        await using var server = await PostgresServer.StartAsync(settings: "max_wal_size = 8GB");
        await CaptureWorkload.PrepareAsync(server);
        await MakeAndMeasureAsync(server, "capture 10/tx", "tens", first: 1, rows, size: 10, options, report);
        await MakeAndMeasureAsync(server, "capture 1/tx", "ones", first: 100_000_000, rows / 2, size: 1, options, report);
    }

    private static async Task MakeAndMeasureAsync(
        PostgresServer server, string name, string slot, long first, long rows, int size, BenchOptions options, Report report)
    {
        if (!Ladder.Any(rung => options.Asks($"{name} {rung}")))
            return;
        var workload = await CaptureWorkload.MakeAsync(server, slot, first, rows, size);
        await MeasureAsync(server, workload, name, options, report);
        await server.ExecuteAsync($"SELECT pg_drop_replication_slot('{slot}')", CaptureWorkload.Database);
    }

    private static async Task MeasureAsync(
        PostgresServer server, CaptureWorkload workload, string name, BenchOptions options, Report report)
    {
        foreach (var rung in Ladder.Where(rung => options.Asks($"{name} {rung}")))
        {
            report.Say($"{name}, {rung}: checking, then {options.Pairs} pairs");
            var checkedRun = await RungAsync(server, workload, rung, verify: true);
            var isRight = rung == "read" || checkedRun.Digest == workload.Digest;
            var figure = await Pairs.RunAsync(
                $"{name} {rung}", options.Pairs, "pg_recvlogical", () => RungAsync(server, workload, rung, verify: false),
                () => BaselineAsync(server, workload));
            report.Add(figure with { Correct = isRight && figure.Rows == workload.Changes });
        }
    }

    private static Task<RungResult> BaselineAsync(PostgresServer server, CaptureWorkload workload) =>
        WithSlotAsync(server, workload, "base", slot => Child.ProgramAsync(
            workload.Changes, "pg_recvlogical", "-h", PostgresServer.Host, "-p", $"{server.Port}", "-U", PostgresServer.User, "-d",
            CaptureWorkload.Database,
            "-S", slot, "--start", "-P", "pgoutput", "-o", "proto_version=1", "-o", $"publication_names={CaptureWorkload.Publication}",
            $"--endpos={workload.EndLsn}", "-f", "/dev/null", "-F", "0"));

    private static async Task<RungResult> RungAsync(PostgresServer server, CaptureWorkload workload, string rung, bool verify)
    {
        using var folder = new TemporaryFolder();
        return await WithSlotAsync(server, workload, "warm", warm => WithSlotAsync(server, workload, "run", slot =>
        {
            var settings = new CaptureSettings(server.Port, warm, slot, workload.Warming, workload.Changes, folder.Path, verify);
            return Child.RungAsync(rung, settings.ToJson());
        }));
    }

    private static async Task<RungResult> WithSlotAsync(
        PostgresServer server, CaptureWorkload workload, string name, Func<string, Task<RungResult>> run)
    {
        await server.ExecuteAsync($"SELECT pg_copy_logical_replication_slot('{workload.Slot}', '{name}')", CaptureWorkload.Database);
        var result = await run(name);
        // The server lets go of a slot some moments after its reader has gone.
        await Eventually.HoldsAsync($"slot '{name}' is free", async () => !await server.QueryAsync<bool>(
            $"SELECT active FROM pg_replication_slots WHERE slot_name = '{name}'", CaptureWorkload.Database));
        await server.ExecuteAsync($"SELECT pg_drop_replication_slot('{name}')", CaptureWorkload.Database);
        return result;
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Writers;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.DuckDb.Native;

namespace Cdc.Integration.Tests.DuckDb;

/// <summary>
/// This test program once more, as another process that has the file open: a variable of its environment says what it does instead of
/// running tests.
/// </summary>
internal static class DuckDbChild
{
    private const string Task = "CDC_TEST_DUCKDB_CHILD";

    public static readonly TargetName Table = new("public", "counted");

    public static readonly TableSchema Schema = new(
        new TableId("public", "counted"),
        [
            new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint"),
            new ColumnSchema("batch", "batch", new ColumnType.Int64(), "bigint"),
            new ColumnSchema("text", "text", new ColumnType.Text(), "text"),
        ],
        [0]);

    public static readonly LedgerEntry Start = new("killed", new TopicPartition("topic", 0), "id", 0, 0, null, 0);

    /// <param name="task">
    /// <c>hold</c>: has the file open until its input ends; <c>write</c>: writes batch after batch until it is killed; <c>ask</c>: opens
    /// the file to read ten times a second until it is killed, and says what it met; <c>large</c>: writes one large value, and says how
    /// much memory that took.
    /// </param>
    public static Process Begin(string task, string path)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            Environment = { [Task] = $"{task} {path}" },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(DuckDbChild).Assembly.Location);
        return Process.Start(start)!;
    }

#pragma warning disable CA2255 // The program is a test program's, so that no other has to be built beside it.
    [ModuleInitializer]
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Task)?.Split(' ', 2) is not [var task, var path])
            return;
        if (task == "hold")
            HoldAsync(path).GetAwaiter().GetResult();
        else if (task == "ask")
            Ask(path);
        else if (task == "large")
            MemoryTests.MeasureAsync(path).GetAwaiter().GetResult();
        else
            WriteAsync(path).GetAwaiter().GetResult();
        Environment.Exit(0);
    }
#pragma warning restore CA2255

    private static async Task HoldAsync(string path)
    {
        await using var writer = new DuckDbTableWriter(new DuckDbTargetOptions { Path = path });
        await using var transaction = await writer.BeginAsync(CancellationToken.None);
        Console.WriteLine("open");
        await Console.In.ReadToEndAsync();
    }

    /// <summary>
    /// One line for each try: <c>read</c>, or what DuckDB answered. On one thread: others wait until the module's initializer has ended.
    /// </summary>
    private static void Ask(string path)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var connection = DuckDbConnection.OpenInMemory([]);
        while (timer.WaitForNextTickAsync().AsTask().GetAwaiter().GetResult())
        {
            try
            {
                connection.Execute($"ATTACH '{path}' AS file (READ_ONLY)");
                connection.Execute("CREATE OR REPLACE TEMP TABLE answer AS SELECT count(*) FROM file.public.item");
                connection.Execute("DETACH file");
                Console.WriteLine("read");
            }
            catch (DuckDbException error)
            {
                Console.WriteLine(error.Message.ReplaceLineEndings(" "));
            }
        }
    }

    /// <summary>Batch n gives every key the number n, and the ledger the offset n.</summary>
    private static async Task WriteAsync(string path)
    {
        await using var writer = new DuckDbTableWriter(new DuckDbTargetOptions { Path = path });
        LedgerEntry? before = null;
        for (var number = 0L; ; number++)
        {
            await using var transaction = await writer.BeginAsync(CancellationToken.None);
            var after = Start with { NextOffset = number, Rows = number };
            await transaction.MoveLedgerAsync([new LedgerMove(before, after)], CancellationToken.None);
            if (before is null)
            {
                await transaction.ClaimAsync(Start.Sink, "topic", Table, CancellationToken.None);
                await transaction.EvolveAsync(new EvolutionPlan(Table, Schema, IsMissing: true, []), CancellationToken.None);
            }

            var rows = new BatchBuilder(Schema, offset: number);
            for (var id = 0L; id < 3000; id++)
                rows.Upsert(id, number, $"a text that is longer than twelve bytes {number}");
            var batch = rows.Build();
            await transaction.WriteAsync(Table, batch, CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            before = after;
            Console.WriteLine(number);
        }
    }
}

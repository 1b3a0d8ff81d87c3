using System.Globalization;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Writers;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb;

namespace Cdc.Integration.Tests.DuckDb;

/// <summary>What DuckDB takes in memory for values of many megabytes, and for the log in which they lie.</summary>
public sealed class MemoryTests : IDisposable
{
    private const int Large = 28 << 20;

    private static readonly TargetName Table = new("public", "docs");

    private static readonly TableSchema Schema = LargeValueTests.Schema;

    private readonly TemporaryDuckDb database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Log_that_a_killed_writer_left_is_applied_again_whatever_the_limit_is()
    {
        using var left = new TemporaryDuckDb();
        await using (var killed = new DuckDbTableWriter(database.Options))
        {
            await WriteAsync(killed, 1, 10);
            await WriteAsync(killed, 2, Large);
            File.Copy(database.Path, left.Path);
            File.Copy(database.WalPath, left.WalPath);
        }

        Assert.InRange(new FileInfo(left.WalPath).Length, Large, 2 * Large);
        await using (var writer = new DuckDbTableWriter(left.Options with { MemoryLimitBytes = 32 << 20 }))
        {
            for (var id = 3; id < 6; id++)
                await WriteAsync(writer, id, 10);
        }

        Assert.False(File.Exists(left.WalPath) && new FileInfo(left.WalPath).Length > 1 << 20, "The log was not written into the file.");
        Assert.Equal([["5", $"{Large + 40}"]], left.Query("SELECT count(*), sum(len(body)) FROM public.docs"));
    }

    [Fact]
    public async Task Value_of_many_megabytes_goes_past_the_log()
    {
        await using var writer = new DuckDbTableWriter(database.Options);
        await WriteAsync(writer, 1, 10);
        await WriteAsync(writer, 2, 2 * Large);
        Assert.False(File.Exists(database.WalPath) && new FileInfo(database.WalPath).Length > 1 << 20, "The value lies in the log.");
        Assert.Equal([["2", $"{2 * Large + 10}"]], database.Query("SELECT count(*), sum(len(body)) FROM public.docs"));
    }

    /// <summary>Beside the batch itself: the transaction's rows, and the appender's copy, or that of the table.</summary>
    [Fact]
    public async Task Value_of_many_megabytes_takes_twice_its_size_in_duckdb()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Memory is read from /proc.");
        using var child = DuckDbChild.Begin("large", database.Path);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            deadline.CancelAfter(TimeSpan.FromMinutes(2));
            var times = await child.StandardOutput.ReadLineAsync(deadline.Token);
            await child.WaitForExitAsync(deadline.Token);
            Assert.InRange(double.Parse(times!, CultureInfo.InvariantCulture), 1, 2.5);
        }
        finally
        {
            child.Kill();
        }
    }

    /// <summary>In a process of its own: how many times the size of a value its memory grew at most while the value was written.</summary>
    internal static async Task MeasureAsync(string path)
    {
        const int size = 100 << 20;
        await using var writer = new DuckDbTableWriter(new DuckDbTargetOptions { Path = path });
        await WriteAsync(writer, 1, 10);
        var batch = new BatchBuilder(Schema).Upsert(2L, new string('x', size)).Build();
        GC.Collect();
        StartPeakAgain();
        var before = Peak();
        await using (var transaction = await writer.BeginAsync(CancellationToken.None))
        {
            await transaction.WriteAsync(Table, batch, CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }

        Console.WriteLine(((Peak() - before) / (double)size).ToString(CultureInfo.InvariantCulture));
        GC.KeepAlive(batch);
    }

    // The child runs while its module is initialized, which other threads wait for: it must not continue in another one.
    private static void StartPeakAgain() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Peak()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    private static async Task WriteAsync(DuckDbTableWriter writer, long id, int length)
    {
        await using var transaction = await writer.BeginAsync(CancellationToken.None);
        if (id == 1)
        {
            await transaction.ClaimAsync("sink", "topic", Table, CancellationToken.None);
            await transaction.EvolveAsync(new EvolutionPlan(Table, Schema, IsMissing: true, []), CancellationToken.None);
        }

        await transaction.WriteAsync(Table, new BatchBuilder(Schema).Upsert(id, new string('x', length)).Build(), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }
}

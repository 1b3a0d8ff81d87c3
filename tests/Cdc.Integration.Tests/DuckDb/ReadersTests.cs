using Cdc.Integration.Tests.Streaming;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Testing;

namespace Cdc.Integration.Tests.DuckDb;

/// <summary>Who opens the file to read while changes flow.</summary>
public sealed class ReadersTests : IDisposable
{
    private const int Asked = 100;
    private const int MostRows = 3;

    /// <summary>Without a turn of their own some ninety are; on a machine that does nothing else, at most two of a hundred.</summary>
    private const int MostRefused = 15;

    private readonly TemporaryDuckDb database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => database.Dispose();

    /// <summary>Of a hundred readers in a row only a few; a busy machine may need up to three such rows.</summary>
    [Fact]
    public async Task Reader_is_seldom_refused_while_changes_flow()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync(
            "CREATE TABLE item (id int PRIMARY KEY, note text); INSERT INTO item SELECT i, 'row ' || i FROM generate_series(1, 1000) i",
            "source");
        using var folder = new TemporaryFolder();
        var options = new DuckDbTargetOptions { Path = database.Path };
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"],
            adjustSink: sink => sink with { Postgres = null, DuckDb = options });
        await Eventually.HoldsAsync("the table is read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Sink.Progress.Partitions.Values.Sum(entry => entry.Rows) >= 1000;
        }, TimeSpan.FromSeconds(60), Token);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var changing = ChangeAsync(server, ending.Token);
        using var child = DuckDbChild.Begin("ask", database.Path);
        var before = pipeline.Sink.Progress.Partitions.Values.Sum(entry => entry.Rows);
        var refused = Asked;
        for (var row = 0; row < MostRows && refused > MostRefused; row++)
        {
            refused = await RefusedAsync(child);
            TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{refused} of {Asked} were refused"));
        }

        await pipeline.ThrowIfEndedAsync();
        Assert.True(refused <= MostRefused, FormattableString.Invariant($"{refused} of {Asked} were refused."));
        child.Kill();
        await child.WaitForExitAsync(Token);
        await Eventually.HoldsAsync("changes arrive",
            () => pipeline.Sink.Progress.Partitions.Values.Sum(entry => entry.Rows) > before + Asked, TimeSpan.FromSeconds(60), Token);
        await ending.CancelAsync();
        await changing;
    }

    private static async Task<int> RefusedAsync(System.Diagnostics.Process child)
    {
        var refused = 0;
        for (var i = 0; i < Asked; i++)
        {
            var answer = await child.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
            if (answer == "read")
                continue;
            Assert.Contains("lock on file", answer, StringComparison.Ordinal);
            refused++;
        }

        return refused;
    }

    private static async Task ChangeAsync(PostgresServer server, CancellationToken cancellationToken)
    {
        for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
            await server.ExecuteAsync(FormattableString.Invariant(
                $"UPDATE item SET note = 'change {number}' WHERE id = {1 + (number % 1000)}; SELECT pg_sleep(0.02)"), "source");
    }
}

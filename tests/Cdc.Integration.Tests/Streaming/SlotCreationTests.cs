using Cdc.Capture.Postgres;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Replication;
using Cdc.Testing;
using Cdc.Transport.Embedded;
using Npgsql;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>
/// Somebody's transaction is open when capture starts for the first time: the server makes the slot only when it has ended.
/// </summary>
public sealed class SlotCreationTests
{
    private const string Rows = "SELECT string_agg(id::text, ',' ORDER BY id) FROM public.t";
    private const string Slots = "SELECT count(*) FROM pg_replication_slots";

    private static readonly TimeSpan Told = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Ended = TimeSpan.FromSeconds(15);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task It_is_said_for_whom_and_an_end_leaves_no_slot(int major)
    {
        await using var server = await StartAsync(major);
        await using var session = new NpgsqlConnection(server.ConnectionString("source") + ";Application Name=nightly");
        await session.OpenAsync(Token);
        await using var insert = new NpgsqlCommand("BEGIN; INSERT INTO t VALUES (2)", session);
        await insert.ExecuteNonQueryAsync(Token);
        using var folder = new TemporaryFolder();

        await using (var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]))
        {
            await UntilToldAsync(pipeline,
                $"server process {session.ProcessID} ('nightly') of role 'postgres' in database 'source', open for ");
            await pipeline.DisposeAsync().AsTask().WaitAsync(Ended, Token);
        }

        Assert.Equal(0, await server.QueryAsync<long>(Slots));
        await using var again = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilToldAsync(again, $"server process {session.ProcessID}");
        await using var commit = new NpgsqlCommand("INSERT INTO t VALUES (3); COMMIT", session);
        await commit.ExecuteNonQueryAsync(Token);
        await again.UntilStreamingAsync();
        await server.ExecuteAsync("INSERT INTO t VALUES (4)", "source");

        await again.UntilEqualAsync(server, Rows);
        Assert.Null(again.Capture.Progress.Waiting);
        Assert.Equal("1,2,3,4", await server.QueryAsync<string>(Rows, "target"));
    }

    /// <summary>A process that was killed cannot tell the server anything: its session continues with the slot.</summary>
    [Fact]
    public async Task Half_made_slot_of_a_process_that_was_killed_is_made_again()
    {
        await using var server = await StartAsync(15);
        await using var session = await server.ConnectAsync("source");
        await using var insert = new NpgsqlCommand("BEGIN; INSERT INTO t VALUES (2)", session);
        await insert.ExecuteNonQueryAsync(Token);
        using var folder = new TemporaryFolder();
        await using (var log = EmbeddedLog.Open(new() { Path = folder.Path }, TimeProvider.System))
        {
            await using var writer = await log.OpenWriterAsync("shop", Token);
            using var nothing = new RecordBatch(new PartitionTable());
            await writer.AppendAsync(nothing, _ => [new CheckpointEntry("slot-intent", "shop")], Token);
        }

        await using var killed = await ReplicatedServer.OpenAsync(
            new PostgresOptions { Host = PostgresServer.Host, Port = server.Port, Database = "source", User = PostgresServer.User });
        var left = killed.CreateSlotAsync("shop", Token);
        await Eventually.HoldsAsync("the slot is half made",
            () => server.QueryAsync<bool>("SELECT count(*) = 1 FROM pg_replication_slots WHERE active"));

        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilToldAsync(pipeline, $"server process {session.ProcessID}");
        await Assert.ThrowsAsync<CdcException>(() => left);
        await using var commit = new NpgsqlCommand("COMMIT", session);
        await commit.ExecuteNonQueryAsync(Token);

        await pipeline.UntilStreamingAsync();
        await pipeline.UntilEqualAsync(server, Rows);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_prepared_transaction_is_named_and_its_rows_come(int major)
    {
        await using var server = await StartAsync(major);
        await server.ExecuteAsync("BEGIN; INSERT INTO t VALUES (2); PREPARE TRANSACTION 'two''s'", "source");
        using var folder = new TemporaryFolder();

        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"]);
        await UntilToldAsync(pipeline, "prepared transaction 'two's' of role 'postgres' in database 'source', open for ");
        Assert.Contains("COMMIT PREPARED 'two''s'", pipeline.Capture.Progress.Waiting!.Message, StringComparison.Ordinal);
        await server.ExecuteAsync("COMMIT PREPARED 'two''s'", "source");
        await pipeline.UntilStreamingAsync();

        await pipeline.UntilEqualAsync(server, Rows);
        Assert.Equal("1,2", await server.QueryAsync<string>(Rows, "target"));
    }

    private static async Task<PostgresServer> StartAsync(int major)
    {
        var server = await StallTests.StartAsync(major, "max_prepared_transactions = 5");
        await server.ExecuteAsync("INSERT INTO t VALUES (1)", "source");
        return server;
    }

    private static Task UntilToldAsync(RunningPipeline pipeline, string text) => Eventually.HoldsAsync($"it is said: {text}", async () =>
    {
        await pipeline.ThrowIfEndedAsync();
        return pipeline.Capture.Progress.Waiting is { } reason && reason.Code == ErrorCodes.SourceTransactionOpen
            && reason.Message.Contains(text, StringComparison.Ordinal);
    }, Told);
}

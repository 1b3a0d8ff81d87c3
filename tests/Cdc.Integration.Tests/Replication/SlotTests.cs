using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Replication;

public sealed class SlotTests(ReplicatedServer servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slot_in_use_gets_its_code_and_is_free_when_its_user_closes()
    {
        var database = await servers.CreateDatabaseAsync("CREATE PUBLICATION p FOR ALL TABLES");
        var first = await ReplicatedServer.OpenAsync(servers.Options(database));
        await first.CreateSlotAsync($"busy_{database}", Token);
        await first.StartStreamAsync($"busy_{database}", Lsn.Zero, ["p"], Token);
        await using var second = await ReplicatedServer.OpenAsync(servers.Options(database));

        await FailsAsync(ErrorCodes.SourceBusy, () => second.StartStreamAsync($"busy_{database}", Lsn.Zero, ["p"], Token));
        await FailsAsync(ErrorCodes.SourceBusy, () => second.DropSlotAsync($"busy_{database}", Token));
        await first.DisposeAsync();

        await second.StartStreamAsync($"busy_{database}", Lsn.Zero, ["p"], Token);
    }

    [Fact]
    public async Task Missing_slot_and_missing_publication_have_codes_of_their_own()
    {
        var database = await servers.CreateDatabaseAsync("CREATE TABLE t (id int PRIMARY KEY)");
        await using var connection = await ReplicatedServer.OpenAsync(servers.Options(database));

        await FailsAsync(ErrorCodes.SourceSlotMissing, () => connection.StartStreamAsync("no_such_slot", Lsn.Zero, ["p"], Token));
        await connection.CreateSlotAsync($"missing_{database}", Token);
        await servers.Server.ExecuteAsync("INSERT INTO t VALUES (1)", database);
        await connection.StartStreamAsync($"missing_{database}", Lsn.Zero, ["no such publication"], Token);
        await FailsAsync(ErrorCodes.SourcePublicationMissing, () => new StreamRecorder(connection).ReadTransactionsAsync(1, Token));
    }

    [Fact]
    public async Task Slot_is_dropped_and_its_session_still_serves()
    {
        var database = await servers.CreateDatabaseAsync();
        await using var connection = await ReplicatedServer.OpenAsync(servers.Options(database));
        var start = await connection.CreateSlotAsync($"drop_{database}", Token);

        await connection.DropSlotAsync($"drop_{database}", Token);

        Assert.True(start > Lsn.Zero);
        Assert.False(
            await servers.Server.QueryAsync<bool>($"SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'drop_{database}')"));
        Assert.Equal(TimeSpan.FromMinutes(1), await connection.ReadSenderTimeoutAsync(Token));
    }

    [Fact]
    public async Task Terminated_session_is_unreachable()
    {
        var database = await servers.CreateDatabaseAsync("CREATE PUBLICATION p FOR ALL TABLES");
        await using var connection = await ReplicatedServer.OpenAsync(servers.Options(database));
        await connection.CreateSlotAsync($"ended_{database}", Token);
        await connection.StartStreamAsync($"ended_{database}", Lsn.Zero, ["p"], Token);

        await servers.Server.ExecuteAsync(
            $"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = 'ended_{database}'");

        await FailsAsync(ErrorCodes.SourceUnreachable, () => new StreamRecorder(connection).ReadTransactionsAsync(1, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silent_reader_stays_connected_past_the_server_s_timeout(bool isSocketFull)
    {
        await using var server = await PostgresServer.StartAsync(15, "wal_sender_timeout = 2s");
        await server.ExecuteAsync(
            "CREATE TABLE t (id int PRIMARY KEY, big text); ALTER TABLE t ALTER big SET STORAGE EXTERNAL; CREATE PUBLICATION p FOR ALL " +
            "TABLES");
        await using var connection = await ReplicatedServer.OpenAsync(servers.Options("postgres") with { Port = server.Port });
        await connection.CreateSlotAsync("silent", Token);
        await connection.StartStreamAsync("silent", Lsn.Zero, ["p"], Token);
        var interval = StandbyFeedback.IntervalFor(TimeSpan.FromSeconds(2));
        using var stop = new CancellationTokenSource();
        var feedback = new StandbyFeedback(connection, interval, TimeProvider.System).RunAsync(stop.Token);
        if (isSocketFull)
            await server.ExecuteAsync("INSERT INTO t SELECT n, repeat('x', 10000) FROM generate_series(1, 5000) n");

        // The server's clock: three times its timeout without a frame read.
        await server.ExecuteAsync("SELECT pg_sleep(6)");

        Assert.False(feedback.IsCompleted);
        Assert.True(await server.QueryAsync<bool>("SELECT active FROM pg_replication_slots"));
        await server.ExecuteAsync("INSERT INTO t VALUES (0, 'last')");
        var recorder = new StreamRecorder(connection);
        await recorder.ReadTransactionsAsync(isSocketFull ? 2 : 1, Token);
        Assert.Contains("Create t None() (0,last)", recorder.Lines);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => feedback);
    }

    private static async Task FailsAsync(ErrorCode code, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<CdcException>(action);
        Assert.Equal(code, error.Code);
    }
}

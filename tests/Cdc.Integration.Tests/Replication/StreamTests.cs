using Cdc.Capture.Postgres.Replication;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Replication;

public sealed class StreamTests(ReplicatedServer servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_message_arrives_decoded() => await EveryKindAsync(servers.Server, await servers.CreateDatabaseAsync());

    [Fact]
    public async Task Newest_server_speaks_the_same()
    {
        await using var server = await PostgresServer.StartAsync(18);
        await EveryKindAsync(server, "postgres");
    }

    [Fact]
    public async Task Confirmed_position_reaches_the_slot()
    {
        var database = await servers.CreateDatabaseAsync("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR ALL TABLES");
        await using var connection = await ReplicatedServer.OpenAsync(servers.Options(database));
        await connection.CreateSlotAsync($"confirm_{database}", Token);
        await connection.StartStreamAsync($"confirm_{database}", Lsn.Zero, ["p"], Token);
        await servers.Server.ExecuteAsync("INSERT INTO t VALUES (1)", database);
        var recorder = new StreamRecorder(connection);
        await recorder.ReadTransactionsAsync(1, Token);

        await connection.SendStatusAsync(recorder.End, recorder.End, recorder.End, false, Token);

        await Eventually.HoldsAsync("the slot's confirmed position is the commit's end", async () => recorder.End.ToString() ==
            await servers.Server.QueryAsync<string>(
                $"SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = 'confirm_{database}'"),
            cancellationToken: Token);
    }

    [Fact]
    public async Task Row_of_ten_megabytes_arrives_whole()
    {
        var database = await servers.CreateDatabaseAsync(
            "CREATE TABLE t (id int PRIMARY KEY, big text); CREATE PUBLICATION p FOR ALL TABLES");
        await using var connection = await ReplicatedServer.OpenAsync(servers.Options(database));
        await connection.CreateSlotAsync($"big_{database}", Token);
        await servers.Server.ExecuteAsync("INSERT INTO t VALUES (1, repeat('0123456789', 1048576)), (2, 'small')", database);
        await connection.StartStreamAsync($"big_{database}", Lsn.Zero, ["p"], Token);
        var recorder = new StreamRecorder(connection);

        await recorder.ReadTransactionsAsync(1, Token);

        Assert.Contains("Create t None() (1,10485760 bytes)", recorder.Lines);
        Assert.Contains("Create t None() (2,small)", recorder.Lines);
    }

    private async Task EveryKindAsync(PostgresServer server, string database)
    {
        await server.ExecuteAsync("""
            CREATE TYPE mood AS ENUM ('glad', 'sad');
            CREATE TABLE item (id int PRIMARY KEY, name varchar(20), feeling mood, note text);
            CREATE TABLE whole (a int, b text);
            ALTER TABLE whole REPLICA IDENTITY FULL;
            ALTER TABLE item ALTER COLUMN note SET STORAGE EXTERNAL;
            CREATE PUBLICATION "Pub, 'one' ""two"" x" FOR ALL TABLES
            """, database);
        await using var connection = await ReplicatedServer.OpenAsync(servers.Options(database) with { Port = server.Port });
        var start = await connection.CreateSlotAsync($"every_{database}", Token);
        await server.ExecuteAsync("""
            INSERT INTO item VALUES (1, 'one', 'glad', repeat('x', 9000)), (2, NULL, 'sad', '');
            UPDATE item SET name = 'uno' WHERE id = 1;
            UPDATE item SET id = 3 WHERE id = 2;
            DELETE FROM item WHERE id = 3;
            INSERT INTO whole VALUES (1, 'x');
            UPDATE whole SET b = 'y';
            DELETE FROM whole;
            SELECT pg_logical_emit_message(true, 'cdc.marker', 'archive');
            TRUNCATE item, whole RESTART IDENTITY CASCADE
            """, database);
        await server.ExecuteAsync("SELECT pg_logical_emit_message(false, 'cdc.heartbeat', '')", database);

        await connection.StartStreamAsync($"every_{database}", Lsn.Zero, ["Pub, 'one' \"two\" x"], Token);
        var recorder = new StreamRecorder(connection);
        await recorder.ReadTransactionsAsync(2, Token);

        Assert.Equal(
            [
                "begin", "type public.mood", recorder.Lines[2],
                "Create item None() (1,one,glad,9000 bytes)",
                "Create item None() (2,null,sad,)",
                "Update item None() (1,uno,glad,unchanged)",
                "Update item Key(2,null,null,null) (3,null,sad,)",
                "Delete item Key(3,null,null,null) ()",
                recorder.Lines[8],
                "Create whole None() (1,x)",
                "Update whole Full(1,x) (1,y)",
                "Delete whole Full(1,y) ()",
                "message True cdc.marker=archive",
                "type public.mood", recorder.Lines[2], recorder.Lines[8],
                "truncate Cascade, RestartIdentity item whole",
                "commit", "message False cdc.heartbeat=",
            ],
            recorder.Lines);
        Assert.Matches(@"^relation public\.item Default \*id:23:-1 name:1043:24 feeling:\d+:-1 note:25:-1$", recorder.Lines[2]);
        Assert.Equal("relation public.whole Full *a:23:-1 *b:25:-1", recorder.Lines[8]);
        Assert.True(recorder.End > start);
    }
}

using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class ReplicationCommandsTests
{
    [Fact]
    public void Slot_is_made_in_each_version_s_words()
    {
        Assert.Equal("CREATE_REPLICATION_SLOT \"s\" LOGICAL pgoutput NOEXPORT_SNAPSHOT", ReplicationCommands.CreateSlot("s", 14));
        Assert.Equal("CREATE_REPLICATION_SLOT \"s\" LOGICAL pgoutput (SNAPSHOT 'nothing')", ReplicationCommands.CreateSlot("s", 16));
        Assert.Equal("CREATE_REPLICATION_SLOT \"s\" LOGICAL pgoutput (SNAPSHOT 'nothing', FAILOVER true)",
            ReplicationCommands.CreateSlot("s", 17));
        Assert.Equal("SELECT pg_create_logical_replication_slot('s', 'pgoutput')", ReplicationCommands.CreateSlotStatement("s", 16));
        Assert.Equal("SELECT pg_create_logical_replication_slot('s', 'pgoutput', failover => true)",
            ReplicationCommands.CreateSlotStatement("s", 17));
    }

    [Fact]
    public void Stream_asks_for_messages_where_the_server_knows_them()
    {
        Assert.Equal(
            "START_REPLICATION SLOT \"s\" LOGICAL 1/A0 (proto_version '1', publication_names '\"a\",\"b\"', messages 'true')",
            ReplicationCommands.StartStream("s", new Lsn(0x1_0000_00A0), ["a", "b"], 14));
        Assert.DoesNotContain("messages", ReplicationCommands.StartStream("s", Lsn.Zero, ["a"], 13), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_stay_names()
    {
        const string hostile = "a\"; DROP 'x' \\";

        Assert.Contains("LOGICAL 0/0 (proto_version '1', publication_names '\"a\"\"; DROP ''x'' \\\"'",
            ReplicationCommands.StartStream("s", Lsn.Zero, [hostile], 15), StringComparison.Ordinal);
        Assert.Equal("DROP_REPLICATION_SLOT \"a\"\"; DROP 'x' \\\"", ReplicationCommands.DropSlot(hostile));
        Assert.Throws<ArgumentException>(() => FrontendMessages.Query(ReplicationCommands.DropSlot("a\0b")));
    }
}

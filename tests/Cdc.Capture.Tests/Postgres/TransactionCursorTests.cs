using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Postgres;

public sealed class TransactionCursorTests
{
    private static readonly PostgresPosition Durable = new("1", 1, "0/200", Xid: 7, CommittedAt: 5, Cut: null);

    // Invariant 6
    [Fact]
    public void Sign_of_life_beyond_a_witness_that_did_not_come_is_another_history()
    {
        var cursor = new TransactionCursor(Durable, new Lsn(0x100), TimeProvider.System);
        cursor.Keepalive(new Lsn(0x180), asksForReply: false);
        cursor.Keepalive(new Lsn(0x200), asksForReply: false);

        var error = Assert.Throws<CdcException>(() => cursor.Keepalive(new Lsn(0x201), asksForReply: false));

        Assert.Equal(ErrorCodes.SourceOtherHistory, error.Code);
        Assert.Equal(new Lsn(0x200), cursor.Reached);
    }

    [Fact]
    public void Sign_of_life_beyond_the_witness_that_came_is_ordinary()
    {
        var cursor = new TransactionCursor(Durable, new Lsn(0x100), TimeProvider.System);
        cursor.Begin(new BeginMessage(new Lsn(0x190), 5, 7));
        cursor.Keepalive(new Lsn(0x300), asksForReply: false);
        cursor.Commit(new CommitMessage(new Lsn(0x190), new Lsn(0x200), 5));

        cursor.Keepalive(new Lsn(0x300), asksForReply: false);

        Assert.Equal(new Lsn(0x300), cursor.Reached);
    }

    [Theory]
    [InlineData(0, 0x100)]
    [InlineData(7, 0x200)]
    public void Where_nothing_has_to_come_again_a_sign_of_life_is_ordinary(int xid, int confirmed)
    {
        var cursor = new TransactionCursor(Durable with { Xid = (uint)xid }, new Lsn((ulong)confirmed), TimeProvider.System);

        cursor.Keepalive(new Lsn(0x300), asksForReply: false);

        Assert.Equal(new Lsn(0x300), cursor.Reached);
    }
}

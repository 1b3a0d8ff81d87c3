using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Sources;
using Cdc.Capture.Tests.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Postgres;

public sealed class PostgresChangeSourceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Feedback_that_fails_ends_the_wait_for_more_and_leaves_nobody_reading()
    {
        var (backend, connection) = await FakeBackend.SilentStreamAsync(TimeProvider.System);
        var feedback = new StandbyFeedback(connection, TimeSpan.FromHours(1), TimeProvider.System);
        await using var source = Source(connection, feedback);
        var filling = source.FillAsync(Token);
        backend.IsBroken = true;

        feedback.Signal();

        var error = await Assert.ThrowsAsync<CdcException>(() => filling.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal(ErrorCodes.SourceUnreachable, error.Code);
        Assert.Contains("Sending", error.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, connection.Silence);
    }

    private static PostgresChangeSource Source(ReplicationConnection connection, StandbyFeedback feedback) => new(
        connection,
        feedback,
        new RelationPlans(new SessionPool(FakeBackend.Options(), 1, TimeProvider.System), new TableSelection([]), new TableShapes(),
            new SourceMemory(Checkpoint.Empty)),
        new TransactionCursor(new PostgresPosition("1", 1, "0/0", 0, 0, null), Lsn.Zero, TimeProvider.System),
        new PostgresSourceBlock("1", "shop", "shop"),
        (_, _) => { });
}

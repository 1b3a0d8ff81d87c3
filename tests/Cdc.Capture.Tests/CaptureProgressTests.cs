using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;

namespace Cdc.Capture.Tests;

public sealed class CaptureProgressTests
{
    /// <summary>A server that has written for years, and a slot that is not made yet: nothing of all that is waited for.</summary>
    [Fact]
    public void Nothing_is_behind_before_it_is_known_where_to_begin()
    {
        var progress = new CaptureProgress(TimeProvider.System);
        progress.Note(new SlotLook(Lsn.Parse("16/B374D848"), RetainedBytes: null, WalStatus: null));
        Assert.Equal((null, null), (progress.LagBytes, progress.Lag));

        progress.Reach(new PostgresMark(new PostgresPosition("1", 1, "16/B374D800", 0, 0, null), Lsn.Parse("16/B374D800")));
        Assert.Equal(0x48, progress.LagBytes);
        Assert.NotNull(progress.Lag);
    }
}

using Cdc.Capture.Postgres.Replication;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class GatheringTests
{
    [Fact]
    public void Small_pieces_in_quick_succession_are_let_gather()
    {
        var gathering = new Gathering(new SteppingTime(TimeSpan.FromMicroseconds(20)));
        Note(gathering, pieces: 7, bytes: 100);
        Assert.False(gathering.IsDue);
        Note(gathering, pieces: 1, bytes: 100);
        Assert.True(gathering.IsDue);
    }

    [Fact]
    public void Small_pieces_that_come_one_by_one_are_not_waited_for()
    {
        var gathering = new Gathering(new SteppingTime(TimeSpan.FromMilliseconds(5)));
        Note(gathering, pieces: 100, bytes: 100);
        Assert.False(gathering.IsDue);
    }

    [Fact]
    public void Large_pieces_are_not_waited_for()
    {
        var gathering = new Gathering(new SteppingTime(TimeSpan.FromMicroseconds(20)));
        Note(gathering, pieces: 100, bytes: 64 * 1024);
        Assert.False(gathering.IsDue);
    }

    [Fact]
    public void Stream_that_stays_fast_waits_again_after_one_small_piece()
    {
        var gathering = new Gathering(new SteppingTime(TimeSpan.FromMicroseconds(20)));
        Note(gathering, pieces: 8, bytes: 100);
        gathering.Continue();
        Assert.False(gathering.IsDue);
        Note(gathering, pieces: 1, bytes: 20_000);
        Note(gathering, pieces: 1, bytes: 100);
        Assert.True(gathering.IsDue);
    }

    [Fact]
    public void Wait_is_longer_while_waits_bring_much()
    {
        var gathering = new Gathering(new SteppingTime(TimeSpan.FromMicroseconds(20)));
        Note(gathering, pieces: 1, bytes: 20_000);
        Assert.Equal(1, gathering.Pause.TotalMilliseconds);
        gathering.Continue();
        Note(gathering, pieces: 1, bytes: 20_000);
        Note(gathering, pieces: 1, bytes: 100);
        Assert.Equal(4, gathering.Pause.TotalMilliseconds);
        gathering.Continue();
        Note(gathering, pieces: 1, bytes: 2000);
        Assert.Equal(1, gathering.Pause.TotalMilliseconds);
    }

    private static void Note(Gathering gathering, int pieces, int bytes)
    {
        for (var i = 0; i < pieces; i++)
            gathering.Note(bytes);
    }

    /// <summary>Every look at the clock is a step later.</summary>
    private sealed class SteppingTime(TimeSpan step) : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now += step.Ticks;
    }
}

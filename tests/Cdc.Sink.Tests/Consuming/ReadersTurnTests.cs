using Cdc.Sink.Consuming;
using Cdc.Testing;

namespace Cdc.Sink.Tests.Consuming;

public sealed class ReadersTurnTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SteppedClock clock = new();

    [Fact]
    public void Turn_begins_when_a_batch_has_ended_and_is_as_long_as_it_is_set()
    {
        var turn = new ReadersTurn(Second, clock);
        Assert.Equal(TimeSpan.Zero, turn.Left);
        Apply(turn, TimeSpan.FromSeconds(3));
        Assert.Equal(Second, turn.Left);
        clock.Advance(0.75 * Second);
        Assert.Equal(0.25 * Second, turn.Left);
        clock.Advance(Second);
        Assert.Equal(TimeSpan.Zero, turn.Left);
        Assert.False(turn.IsOverdue);
    }

    [Fact]
    public void Full_batches_wait_once_they_have_followed_one_another_for_long()
    {
        var turn = new ReadersTurn(Second, clock);
        for (var batch = 0; batch < 2; batch++)
        {
            Apply(turn, 0.4 * ReadersTurn.LongestWork);
            Assert.False(turn.IsOverdue);
        }

        Apply(turn, 0.4 * ReadersTurn.LongestWork);
        Assert.True(turn.IsOverdue);
        clock.Advance(turn.Left);
        Assert.False(turn.IsOverdue);
        Apply(turn, Second);
        Assert.False(turn.IsOverdue);
    }

    [Fact]
    public void Target_that_many_can_open_needs_no_turn()
    {
        var turn = new ReadersTurn(TimeSpan.Zero, clock);
        Apply(turn, 2 * ReadersTurn.LongestWork);
        Assert.Equal(TimeSpan.Zero, turn.Left);
        Assert.False(turn.IsOverdue);
    }

    private void Apply(ReadersTurn turn, TimeSpan time)
    {
        turn.Begin();
        clock.Advance(time);
        turn.End();
    }
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Consuming;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Tests.Consuming;

public sealed class AssignmentTests
{
    [Fact]
    public void New_partition_starts_at_the_beginning_and_gets_a_ledger_row()
    {
        var assignment = Assignment.Plan("s", [Topic("t", "id", (0, 0, 5))], []);

        Assert.Equal([new TopicOffset("t", 0, 0)], assignment.Starts);
        Assert.Equal("id", Assert.Single(assignment.New).TopicId);
    }

    [Fact]
    public void Known_partition_goes_on_where_the_ledger_stands()
    {
        var assignment = Assignment.Plan("s", [Topic("t", "id", (0, 3, 9))], [Entry("t", "id", 7)]);

        Assert.Equal([new TopicOffset("t", 0, 7)], assignment.Starts);
        Assert.Empty(assignment.New);
    }

    // Invariant 6
    [Theory]
    [InlineData("other", 0, 9, 5080)]
    [InlineData("id", 8, 9, 3010)]
    [InlineData("id", 0, 6, 3011)]
    public void Gap_is_refused_with_its_code(string topicId, long first, long next, int code)
    {
        var error = Assert.Throws<CdcException>(() => Assignment.Plan("s", [Topic("t", topicId, (0, first, next))], [Entry("t", "id", 7)]));

        Assert.Equal(code, error.Code.Number);
    }

    [Fact]
    public void Sink_that_comes_after_retention_is_refused()
    {
        var error = Assert.Throws<CdcException>(() => Assignment.Plan("s", [Topic("t", "id", (0, 4, 9))], []));

        Assert.Equal(ErrorCodes.ConsumerTooLate, error.Code);
    }

    [Fact]
    public void Ledger_row_whose_topic_is_gone_is_refused()
    {
        var error = Assert.Throws<CdcException>(() => Assignment.Plan("s", [], [Entry("t", "id", 7)]));

        Assert.Equal(ErrorCodes.TopicUnknown, error.Code);
    }

    private static TopicState Topic(string name, string id, params (int, long, long)[] partitions) =>
        new(name, id, [.. partitions.Select(p => new PartitionState(p.Item1, p.Item2, p.Item3))]);

    private static LedgerEntry Entry(string topic, string id, long next) => new("s", new TopicPartition(topic, 0), id, next, 0, null, 0);
}

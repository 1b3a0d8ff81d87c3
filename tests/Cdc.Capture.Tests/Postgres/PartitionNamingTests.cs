using Cdc.Capture.Postgres;

namespace Cdc.Capture.Tests.Postgres;

/// <summary>Letters are announcements and rows of tables 1, 2, …: <c>a1</c>, <c>r1</c>; <c>-</c> is any other message.</summary>
public sealed class PartitionNamingTests
{
    [Theory]
    [InlineData("a1 a2 r1 r1", "2")]
    [InlineData("a1 a2 r1 a1 a3 r1", "2 3")]
    [InlineData("a4 r4 a1 a2 r1", "2")]
    [InlineData("a1 r1 r1", "")]
    [InlineData("a1 a2 - r1", "")]
    [InlineData("a1 a2 r2 r1", "")]
    [InlineData("a1 - a2 r2", "")]
    [InlineData("a1 a1 r1", "")]
    [InlineData("a1 a2 a3 r1", "")]
    [InlineData("r1 a2 r1", "")]
    public void Partition_is_the_one_announced_directly_behind_its_root(string messages, string expected)
    {
        var naming = new PartitionNaming();
        var found = new List<uint>();
        foreach (var message in messages.Split(' '))
        {
            var table = message.Length > 1 ? (uint)(message[1] - '0') : 0;
            if (message[0] == 'a')
                naming.Announce(table);
            else if (message[0] == 'r')
                found.Add(naming.TakePartition(table));
            else
                naming.Forget();
        }

        Assert.Equal(expected, string.Join(' ', found.Where(partition => partition > 0)));
    }
}

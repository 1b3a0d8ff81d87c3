using System.Text;
using Cdc.Contracts.Topics;

namespace Cdc.Contracts.Tests.Topics;

public class PartitioningTests
{
    // The values that the Java client's own test of its hash expects (org.apache.kafka.common.utils.UtilsTest).
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hash_is_that_of_the_java_client(string text, int expected) =>
        Assert.Equal(expected, unchecked((int)Partitioning.Murmur2(Encoding.UTF8.GetBytes(text))));

    [Theory]
    [InlineData("21")]
    [InlineData("abc")]
    [InlineData("")]
    public void Partition_is_the_hash_without_its_sign(string text)
    {
        // Invariant 2
        var bytes = Encoding.UTF8.GetBytes(text);
        var hash = (int)(Partitioning.Murmur2(bytes) & int.MaxValue);
        Assert.Equal(0, Partitioning.PartitionOf(bytes, 1));
        foreach (var count in new[] { 2, 3, 7, 240 })
            Assert.Equal(hash % count, Partitioning.PartitionOf(bytes, count));
    }
}

using System.Text;
using Cdc.Sink.Batching;

namespace Cdc.Sink.Tests.Batching;

public sealed class KeyIndexTests
{
    [Fact]
    public void Finds_every_key_again_through_growth_and_clearing()
    {
        using var index = new KeyIndex();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 5000; i++)
                Assert.Equal(i, index.GetOrAdd(Key(i), i, out _));
            for (var i = 0; i < 5000; i++)
            {
                Assert.Equal(i, index.GetOrAdd(Key(i), -7, out var added));
                Assert.False(added);
            }

            Assert.Equal(5000, index.Count);
            index.Clear();
        }
    }

    [Fact]
    public void Tells_keys_apart_that_differ_in_length_or_zeros_only()
    {
        using var index = new KeyIndex();
        index.GetOrAdd([], 0, out var first);
        index.GetOrAdd([0], 1, out var second);
        index.GetOrAdd([0, 0], 2, out var third);

        Assert.True(first && second && third);
        Assert.Equal(1, index.GetOrAdd([0], 9, out _));
    }

    private static byte[] Key(int i) => Encoding.UTF8.GetBytes($"key-{i}");
}

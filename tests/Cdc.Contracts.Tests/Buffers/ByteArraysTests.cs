using Cdc.Contracts.Buffers;

namespace Cdc.Contracts.Tests.Buffers;

// Invariant 7
public class ByteArraysTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(ByteArrays.LargeBytes)]
    [InlineData(ByteArrays.LargeBytes + 1)]
    [InlineData(ByteArrays.KeptBytes + 12_345)]
    public void Array_is_long_enough(int bytes)
    {
        var array = ByteArrays.Rent(bytes);
        Assert.InRange(array.Length, bytes, int.MaxValue);
        ByteArrays.Return(array);
    }

    [Fact]
    public void Very_large_array_is_hardly_longer_than_was_asked_for_and_is_not_kept()
    {
        const int Bytes = ByteArrays.KeptBytes + 1;
        var array = ByteArrays.Rent(Bytes);
        Assert.InRange(array.Length, Bytes, Bytes + Bytes / 8);
        ByteArrays.Return(array);
        Assert.NotSame(array, ByteArrays.Rent(Bytes));
    }

    [Fact]
    public void Buffer_of_one_large_value_is_hardly_larger_than_the_value()
    {
        var value = new byte[40 << 20];
        using var buffer = new PooledBuffer();
        buffer.Write(value);
        Assert.InRange(buffer.Capacity, value.Length, value.Length + value.Length / 8);
    }
}

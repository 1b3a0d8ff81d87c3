using Cdc.Contracts.Buffers;

namespace Cdc.Contracts.Tests.Buffers;

public class PooledBufferTests
{
    [Fact]
    public void Bytes_survive_growing()
    {
        using var buffer = new PooledBuffer(1);
        var expected = new List<byte>();
        for (var i = 0; i < 1_000; i++)
        {
            byte[] bytes = [.. Enumerable.Repeat((byte)i, i % 40)];
            buffer.Write(bytes);
            buffer.WriteByte((byte)i);
            expected.AddRange([.. bytes, (byte)i]);
        }

        Assert.Equal(expected.ToArray(), buffer.WrittenSpan.ToArray());
        Assert.Equal(expected.ToArray(), buffer.WrittenMemory.ToArray());
    }

    [Fact]
    public void Reserved_number_is_patched_in_place()
    {
        using var buffer = new PooledBuffer(4);
        buffer.WriteByte(9);
        var at = buffer.ReserveInt32();
        buffer.WriteInt64(-2);
        buffer.PatchInt32(at, 0x01020304);
        Assert.Equal("0904030201feffffffffffffff", Convert.ToHexStringLower(buffer.WrittenSpan));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.PatchInt32(buffer.Length - 3, 1));
        buffer.Slice(0, 1)[0] = 8;
        Assert.Equal(8, buffer.WrittenSpan[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = buffer.Slice(0, buffer.Length + 1); });
    }

    [Fact]
    public void Truncate_cuts_the_end_and_never_adds_one()
    {
        using var buffer = new PooledBuffer();
        buffer.Write("abcdef"u8);
        buffer.Truncate(2);
        buffer.WriteByte((byte)'z');
        Assert.Equal("abz"u8, buffer.WrittenSpan);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Truncate(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Truncate(-1));
    }

    [Fact]
    public void Clear_gives_back_what_grew_too_large()
    {
        // Invariant 7
        using var buffer = new PooledBuffer(1 << 10);
        buffer.Write(new byte[1 << 20]);
        buffer.Clear(1 << 12);
        Assert.True(buffer.Capacity < 1 << 16);
        Assert.Equal(0, buffer.Length);
    }

    [Fact]
    public void Advance_stays_inside_what_was_asked_for()
    {
        using var buffer = new PooledBuffer(16);
        buffer.GetMemory(100).Span[99] = 1;
        buffer.Advance(100);
        Assert.Equal(100, buffer.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(buffer.Capacity));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
    }

    [Fact]
    public void Disposing_twice_gives_the_memory_back_once()
    {
        var buffer = new PooledBuffer(1 << 15);
        buffer.Dispose();
        buffer.Dispose();
        using var one = new PooledBuffer(1 << 15);
        using var two = new PooledBuffer(1 << 15);
        one.WriteByte(1);
        two.WriteByte(2);
        Assert.Equal(1, one.WrittenSpan[0]);
    }
}

using Cdc.Capture.Postgres;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Schema;
using Cdc.Testing;
using Cdc.Testing.Avro;

namespace Cdc.Capture.Tests.Postgres;

public class PostgresSourceBlockTests
{
    private static readonly byte[] Table = Block().EncodeTable(new TableId("public", "orders"));

    [Fact]
    public void Schema_is_the_one_that_tests_of_the_event_use() =>
        Assert.Equal(AvroSchemaText.Write(TestSource.Schema), AvroSchemaText.Write(Block().Schema));

    [Fact]
    public void Streamed_change_tells_its_transaction_and_place()
    {
        using var expected = new PooledBuffer();
        TestSource.Write(new AvroWriter(expected), "public", "orders", TestEvent.CommitTime);
        using var buffer = new PooledBuffer();
        var block = Block();
        (block.CommittedAt, block.TransactionId, block.Lsn, block.LastCommitLsn) = (TestEvent.CommitTime, 775, 1064, 1000);
        block.Write(new AvroWriter(buffer), Table);
        Assert.Equal(Convert.ToHexString(expected.WrittenSpan), Convert.ToHexString(buffer.WrittenSpan));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1_999, 1)]
    [InlineData(-1, -1)]
    [InlineData(-1_000, -1)]
    [InlineData(long.MinValue, -9_223_372_036_854_776)]
    public void Milliseconds_are_rounded_down(long microseconds, long milliseconds)
    {
        using var buffer = new PooledBuffer();
        var block = Block();
        block.CommittedAt = microseconds;
        block.Write(new AvroWriter(buffer), Table);
        var reader = new AvroReader(buffer.WrittenSpan);
        for (var i = 0; i < 3; i++)
            reader.ReadBytes();
        Assert.Equal(milliseconds, reader.ReadLong());
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        var block = Block();
        using var buffer = new PooledBuffer();
        Assert.Equal(0, Allocation.Of(() => Write(block, buffer, 1_000)));
    }

    private static void Write(PostgresSourceBlock block, PooledBuffer buffer, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            buffer.Clear();
            (block.CommittedAt, block.Lsn, block.LastCommitLsn) = (i, long.MaxValue, i);
            block.Write(new AvroWriter(buffer), Table);
        }
    }

    private static PostgresSourceBlock Block() => new("0.1.0", "shop", "shopdb");
}

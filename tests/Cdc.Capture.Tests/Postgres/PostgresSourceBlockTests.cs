using Cdc.Capture.Postgres;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Testing.Avro;

namespace Cdc.Capture.Tests.Postgres;

public class PostgresSourceBlockTests
{
    private static readonly byte[] Table = PostgresSourceBlock.EncodeTable("public", "orders");

    [Fact]
    public void Schema_is_the_one_that_tests_of_the_event_use() =>
        Assert.Equal(AvroSchemaText.Write(TestSource.Schema), AvroSchemaText.Write(PostgresSourceBlock.Schema));

    [Fact]
    public void Streamed_change_tells_its_transaction_and_place()
    {
        using var expected = new PooledBuffer();
        TestSource.Write(new AvroWriter(expected), "public", "orders", TestEvent.CommitTime);
        using var buffer = new PooledBuffer();
        Block().Write(new AvroWriter(buffer), Table, new PostgresSourceMoment
        {
            Snapshot = "false"u8, CommittedAt = TestEvent.CommitTime, TransactionId = 775, Lsn = 1064, LastCommitLsn = 1000,
        });
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
        Block().Write(new AvroWriter(buffer), Table, new PostgresSourceMoment { Snapshot = "false"u8, CommittedAt = microseconds });
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
        Write(block, buffer, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write(block, buffer, 1_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Write(PostgresSourceBlock block, PooledBuffer buffer, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            buffer.Clear();
            block.Write(new AvroWriter(buffer), Table, new PostgresSourceMoment { Snapshot = "false"u8, CommittedAt = i, Lsn = long.MaxValue, LastCommitLsn = i });
        }
    }

    private static PostgresSourceBlock Block() => new("0.1.0", "shop", "shopdb");
}

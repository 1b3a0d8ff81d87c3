using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Contracts.Tests.Topics;

public class RecordBatchTests
{
    private static readonly TopicPartition First = new("a", 0);
    private static readonly TopicPartition Second = new("b", 3);

    [Fact]
    public void Records_come_back_in_order_with_their_offsets()
    {
        using var batch = Batch();
        Add(batch, 0, "k1"u8, "v1"u8);
        Add(batch, 1, "k2"u8, default);
        Add(batch, 0, default, "v3"u8);
        Assert.Equal((3, 2, 1, 0), (batch.RecordCount, batch.CountOf(0), batch.CountOf(1), batch.CountOf(2)));

        using var block = Block(batch, [0, 1], [10, 20], [0, 0]);
        Assert.True(block.TryRead(out var record, out var partition, out var offset));
        Assert.Equal((0, 10), (partition, offset));
        Assert.True(record.HasKey && record.HasValue);
        Assert.Equal("k1"u8, record.Key);
        Assert.Equal("v1"u8, record.Value);
        Assert.True(block.TryRead(out record, out partition, out offset));
        Assert.Equal((1, 20), (partition, offset));
        Assert.False(record.HasValue);
        Assert.True(block.TryRead(out record, out partition, out offset));
        Assert.Equal((0, 11), (partition, offset));
        Assert.False(record.HasKey);
        Assert.False(block.TryRead(out _, out partition, out offset));
        Assert.Equal((-1, -1), (partition, offset));
    }

    [Fact]
    public void Records_of_others_and_those_consumed_before_are_passed_over()
    {
        using var batch = Batch();
        Add(batch, 1, default, "other"u8);
        Add(batch, 0, default, "old"u8);
        Add(batch, 0, default, "new"u8);
        Add(batch, 5, default, "unknown slot"u8);
        using var block = Block(batch, [0, -1], [10], [11]);
        Assert.True(block.TryRead(out var record, out _, out var offset));
        Assert.Equal(11, offset);
        Assert.Equal("new"u8, record.Value);
        Assert.False(block.TryRead(out _, out _, out _));
    }

    [Fact]
    public void Headers_are_found_by_name()
    {
        using var batch = Batch();
        Begin(batch, 0);
        batch.AddHeader("one"u8, "1"u8);
        batch.AddHeader("two"u8, ""u8);
        batch.EndRecord();
        RecordLayout.Read(batch.Buffer.WrittenSpan, out var record);
        Assert.True(record.TryGetHeader("one"u8, out var value));
        Assert.Equal("1"u8, value);
        Assert.True(record.TryGetHeader("two"u8, out value));
        Assert.True(value.IsEmpty);
        Assert.False(record.TryGetHeader("tw"u8, out _));
    }

    [Fact]
    public void Records_taken_back_leave_nothing()
    {
        using var batch = Batch();
        Add(batch, 0, "k"u8, "v"u8);
        var before = batch.Buffer.WrittenSpan.ToArray();
        var mark = batch.Mark();
        Add(batch, 1, "whole"u8, "record"u8);
        batch.BeginRecord(1);
        batch.Buffer.Write("half a key"u8);
        batch.BackTo(mark);
        Assert.Equal(before, batch.Buffer.WrittenSpan.ToArray());
        Assert.Equal((1, 1, 0), (batch.RecordCount, batch.CountOf(0), batch.CountOf(1)));
        batch.Clear();
        Assert.True(batch.IsEmpty);
        Assert.Equal((0, 0), (batch.CountOf(0), batch.Buffer.Length));
    }

    [Fact]
    public void Empty_key_and_value_are_not_missing_ones()
    {
        using var batch = Batch();
        batch.BeginRecord(0);
        batch.EndKey();
        batch.EndValue();
        batch.EndRecord();
        RecordLayout.Read(batch.Buffer.WrittenSpan, out var record);
        Assert.True(record.HasKey && record.HasValue && record.Key.IsEmpty && record.Value.IsEmpty);
    }

    [Fact]
    public void Damaged_records_are_refused_with_a_code()
    {
        const int Seed = 77;
        var random = new Random(Seed);
        using var batch = Batch();
        Begin(batch, 0);
        batch.AddHeader("name"u8, "value"u8);
        batch.EndRecord();
        var valid = batch.Buffer.WrittenSpan.ToArray();
        for (var cut = 0; cut < valid.Length; cut++)
            Assert.Same(ErrorCodes.RecordDamaged, Assert.Throws<CdcException>(() => ReadWhole(valid[..cut])).Code);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = valid.ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var error = Record.Exception(() => ReadWhole(bytes));
            Assert.True(error is null or CdcException { Code.Number: 3021 }, $"Seed {Seed}, round {round}: {error}");
        }
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-2)]
    [InlineData(int.MaxValue)]
    public void Hostile_lengths_are_refused(int length)
    {
        using var batch = Batch();
        batch.BeginRecord(0);
        batch.Buffer.PatchInt32(4, length);
        batch.Buffer.WriteInt64(0);
        Assert.Same(ErrorCodes.RecordDamaged, Assert.Throws<CdcException>(() => ReadWhole(batch.Buffer.WrittenSpan.ToArray())).Code);
    }

    [Fact]
    public void Slots_are_given_once_and_stay()
    {
        var table = new PartitionTable();
        Assert.Equal(0, table.Add(First));
        Assert.Equal(1, table.Add(Second));
        Assert.Equal(0, table.Add(First));
        Assert.Equal(2, table.Count);
        Assert.Equal(Second, table[1]);
    }

    private static RecordBatch Batch()
    {
        var table = new PartitionTable();
        table.Add(First);
        table.Add(Second);
        return new RecordBatch(table, 64);
    }

    private static RecordBlock Block(RecordBatch batch, int[] slotOf, long[] offsets, long[] skipBelow) =>
        new(batch.Buffer.WrittenMemory, slotOf, [First, Second], offsets, skipBelow, [12, 21], null);

    private static void Begin(RecordBatch batch, int slot)
    {
        batch.BeginRecord(slot);
        batch.Buffer.Write("key"u8);
        batch.EndKey();
        batch.Buffer.Write("value"u8);
        batch.EndValue();
    }

    private static void Add(RecordBatch batch, int slot, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        batch.BeginRecord(slot);
        batch.Buffer.Write(key);
        batch.EndKey(isNull: key.IsEmpty);
        batch.Buffer.Write(value);
        batch.EndValue(isNull: value.IsEmpty);
        batch.EndRecord();
    }

    private static void ReadWhole(byte[] bytes)
    {
        RecordLayout.Read(bytes, out var record);
        record.TryGetHeader("absent"u8, out _);
    }
}

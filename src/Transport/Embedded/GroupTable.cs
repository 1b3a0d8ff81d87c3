using System.Text;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

/// <summary>The records of one partition in a group: their number in the records' slots, and the offsets they have.</summary>
internal readonly record struct GroupPartition(int Number, int Slot, int Count, long BaseOffset)
{
    public const int Size = 20;

    public long NextOffset => BaseOffset + Count;
}

/// <summary>A topic that a group makes.</summary>
internal readonly record struct NewTopic(string Name, Guid Id, int Partitions);

/// <summary>
/// The table of an append group: partitions (count; each number, slot, count, base offset), new topics (count; each name, id, number of
/// partitions), prefix, checkpoint entries (count; each key, value or -1 for a removal).
/// </summary>
internal static class GroupTable
{
    /// <summary>Slots are small numbers; a table that says otherwise is not believed.</summary>
    public const int MaxSlot = 1 << 20;

    /// <summary>Text that is not valid is refused, never replaced.</summary>
    public static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Write(
        PooledBuffer target, ReadOnlySpan<GroupPartition> partitions, ReadOnlySpan<NewTopic> topics, string prefix,
        IReadOnlyList<CheckpointEntry> entries)
    {
        target.WriteInt32(partitions.Length);
        foreach (var partition in partitions)
        {
            target.WriteInt32(partition.Number);
            target.WriteInt32(partition.Slot);
            target.WriteInt32(partition.Count);
            target.WriteInt64(partition.BaseOffset);
        }

        target.WriteInt32(topics.Length);
        foreach (var topic in topics)
            WriteTopic(target, topic);
        WriteText(target, prefix);
        target.WriteInt32(entries.Count);
        foreach (var entry in entries)
        {
            WriteText(target, entry.Key);
            if (entry.Value is null)
                target.WriteInt32(-1);
            else
                WriteText(target, entry.Value);
        }
    }

    public static void WriteTopic(PooledBuffer target, NewTopic topic)
    {
        WriteText(target, topic.Name);
        topic.Id.TryWriteBytes(target.GetSpan(16));
        target.Advance(16);
        target.WriteInt32(topic.Partitions);
    }

    public static void WriteText(PooledBuffer target, string text)
    {
        var length = Utf8.GetByteCount(text);
        target.WriteInt32(length);
        Utf8.GetBytes(text, target.GetSpan(length));
        target.Advance(length);
    }

    public static NewTopic ReadTopic(ref TableReader table)
    {
        var topic = new NewTopic(table.ReadText(), table.ReadGuid(), table.ReadInt32());
        return topic.Partitions is > 0 and <= EmbeddedLog.MaxPartitions ? topic : throw table.Damaged();
    }

    public static GroupPartition ReadPartition(ref TableReader table)
    {
        var partition = new GroupPartition(table.ReadInt32(), table.ReadInt32(), table.ReadInt32(), table.ReadInt64());
        return partition is { Number: >= 0, Slot: >= 0 and <= MaxSlot, Count: > 0, BaseOffset: >= 0 } ? partition : throw table.Damaged();
    }
}

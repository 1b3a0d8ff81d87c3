using System.Text;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Tests;

/// <summary>A record as text, with its place: what tests compare.</summary>
internal sealed record TestRecord(string Topic, int Partition, long Offset, string? Key, string? Value);

internal static class TestRecords
{
    public static void Put(
        this RecordBatch batch, string topic, int partition, string? key, string? value, params (string Name, string Value)[] headers)
    {
        batch.BeginRecord(batch.Partitions.Add(new TopicPartition(topic, partition)));
        batch.Buffer.Write(Encoding.UTF8.GetBytes(key ?? ""));
        batch.EndKey(key is null);
        batch.Buffer.Write(Encoding.UTF8.GetBytes(value ?? ""));
        batch.EndValue(value is null);
        foreach (var header in headers)
            batch.AddHeader(Encoding.UTF8.GetBytes(header.Name), Encoding.UTF8.GetBytes(header.Value));
        batch.EndRecord();
    }

    public static RecordBatch BatchOf(params (string Topic, int Partition, string Value)[] records)
    {
        var batch = new RecordBatch(new PartitionTable());
        foreach (var (topic, partition, value) in records)
            batch.Put(topic, partition, "k", value);
        return batch;
    }

    /// <summary>Appends values to one partition, with checkpoint entries.</summary>
    public static async Task AppendAsync(
        this ITopicLogWriter writer, string topic, int partition, IEnumerable<string> values, params CheckpointEntry[] entries)
    {
        using var batch = BatchOf([.. values.Select(value => (topic, partition, value))]);
        await writer.AppendAsync(batch, _ => entries, CancellationToken.None);
    }

    /// <summary>Appends checkpoint entries only.</summary>
    public static async Task NoteAsync(this ITopicLogWriter writer, params CheckpointEntry[] entries)
    {
        using var batch = new RecordBatch(new PartitionTable());
        await writer.AppendAsync(batch, _ => entries, CancellationToken.None);
    }

    public static List<TestRecord> ToRecords(this RecordBlock block)
    {
        var records = new List<TestRecord>();
        while (block.TryRead(out var record, out var partition, out var offset))
        {
            var (topic, number) = block.Partitions[partition];
            records.Add(new TestRecord(topic, number, offset, Text(record.HasKey, record.Key), Text(record.HasValue, record.Value)));
        }

        return records;
    }

    /// <summary>Reads until nothing is left, and nothing has come for so long.</summary>
    public static async Task<List<TestRecord>> ReadAllAsync(this ITopicReader reader, TimeSpan quiet = default)
    {
        var all = new List<TestRecord>();
        var places = Array.Empty<long>();
        while (true)
        {
            using var block = await reader.ReadAsync(quiet, CancellationToken.None);
            var records = block.ToRecords();
            if (records.Count == 0 && (!block.IsSparse || places.SequenceEqual(block.NextOffsets)))
                return all;
            places = [.. block.NextOffsets];
            all.AddRange(records);
        }
    }

    public static Task<List<TestRecord>> ReadAllAsync(
        this IReadOnlyTopicLog log, params TopicOffset[] from) => log.ReadAllAsync(TimeSpan.Zero, from);

    public static async Task<List<TestRecord>> ReadAllAsync(this IReadOnlyTopicLog log, TimeSpan quiet, params TopicOffset[] from)
    {
        await using var reader = await log.OpenReaderAsync(from, CancellationToken.None);
        return await reader.ReadAllAsync(quiet);
    }

    private static string? Text(bool present, ReadOnlySpan<byte> bytes) => present ? Encoding.UTF8.GetString(bytes) : null;
}

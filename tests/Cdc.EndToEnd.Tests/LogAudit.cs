using System.Globalization;
using System.Text;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;

namespace Cdc.EndToEnd.Tests;

/// <summary>
/// Reads a whole log back and follows every row by its <c>uid</c>: each change must be there once and in order, so versions count up by one
/// (Invariants 2 and 3).
/// </summary>
internal sealed class LogAudit
{
    private readonly Dictionary<(int Key, int Value), EventDecoder> decoders = [];
    private readonly Dictionary<(string Topic, long Uid), long> versions = [];

    public List<string> Faults { get; } = [];

    public long Changes { get; private set; }

    public static async Task<LogAudit> RunAsync(string folder)
    {
        var audit = new LogAudit();
        await using var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = folder }, TimeProvider.System);
        using var registry = EmbeddedSchemaRegistry.Open(folder);
        var topics = (await log.DescribeTopicsAsync(_ => true, CancellationToken.None)).Where(topic => !TopicNaming.IsInternal(topic.Topic))
            .ToList();
        await using var reader = await log.OpenReaderAsync(
            [.. topics.SelectMany(topic => topic.Partitions.Select(p => new TopicOffset(topic.Topic, p.Partition, p.FirstOffset)))],
            CancellationToken.None);
        var left = topics.Sum(topic => topic.Partitions.Sum(p => p.NextOffset - p.FirstOffset));
        while (left > 0)
        {
            using var block = await reader.ReadAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
            var read = await audit.TakeAsync(block, registry);
            Assert.True(read > 0, "The log says that it holds more records than can be read.");
            left -= read;
        }

        return audit;
    }

    private async Task<int> TakeAsync(RecordBlock block, EmbeddedSchemaRegistry registry)
    {
        var count = 0;
        while (true)
        {
            var result = Take(block, ref count, out var missing);
            if (result)
                return count;
            var value = AvroSchemaText.Parse(await registry.GetAsync(missing.Value, CancellationToken.None));
            var key = missing.Key == 0 ? null : AvroSchemaText.Parse(await registry.GetAsync(missing.Key, CancellationToken.None));
            decoders.Add(missing, new EventDecoder(value, key));
        }
    }

    private bool Take(RecordBlock block, ref int count, out (int Key, int Value) ids)
    {
        ids = default;
        while (block.TryRead(out var record, out var partition, out var offset))
        {
            ids = default;
            if (record.HasValue)
            {
                if (record.HasKey)
                    WireFormat.ReadBody(record.Key, out ids.Key);
                var body = WireFormat.ReadBody(record.Value, out ids.Value);
                if (!decoders.TryGetValue(ids, out var decoder))
                {
                    block.StepBack();
                    return false;
                }

                Check(block.Partitions[partition].Topic, offset, decoder, decoder.Decode(body));
            }

            count++;
        }

        return true;
    }

    private void Check(string topic, long offset, EventDecoder decoder, ChangeEvent change)
    {
        Changes++;
        if (change.Operation == Operation.Truncate)
            Forget(topic);
        if (change.After.IsEmpty)
            return;
        var uid = Number(decoder, change.After, "uid");
        var version = Number(decoder, change.After, "version");
        var expected = Expected(change.Operation, versions.TryGetValue((topic, uid), out var last) ? last : null, version);
        if (version != expected)
            Faults.Add(string.Create(CultureInfo.InvariantCulture,
                $"{topic}@{offset}: row {uid} came with version {version}, expected was {expected}"));
        versions[(topic, uid)] = version;
    }

    /// <summary>What follows is the table again: so a table without a key is read, and read again after a kill.</summary>
    private void Forget(string topic)
    {
        foreach (var row in versions.Keys.Where(row => row.Topic == topic).ToList())
            versions.Remove(row);
    }

    /// <summary>A row that is read is as the stream left it; a row not met before is new, or was there before capture.</summary>
    private static long Expected(Operation operation, long? last, long version) => (operation, last) switch
    {
        (Operation.Read, { } known) => known,
        (_, { } known) => known + 1,
        _ => version,
    };

    private static long Number(EventDecoder decoder, RowImage image, string column) =>
        new AvroReader(image.Bytes(decoder.Schema.IndexOf(column))).ReadLong();

    public override string ToString() => new StringBuilder().AppendJoin('\n', Faults.Take(20)).ToString();
}

using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Tests.Embedded;

/// <summary>Random appends, reads, reopenings and retention, compared with lists in memory.</summary>
public sealed class JournalModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Log_holds_what_the_model_holds(int seed)
    {
        using var folder = new TestFolder();
        await using var model = new Model(folder, new Random(seed));
        await model.OpenAsync();
        for (var step = 0; step < 250; step++)
            await model.StepAsync();
        await model.CheckAsync();
    }

    private sealed class Model(TestFolder folder, Random random) : IAsyncDisposable
    {
        private readonly ShiftedTime time = new();
        private readonly Dictionary<TopicPartition, List<string>> values = [];
        private readonly Dictionary<TopicPartition, long> first = [];
        private readonly Dictionary<string, Dictionary<string, string>> checkpoints = new() { ["p0"] = [], ["p1"] = [] };
        private readonly Dictionary<string, ITopicLogWriter> writers = [];
        private EmbeddedLog? log;
        private (ITopicReader Reader, Dictionary<TopicPartition, long> Next)? reader;

        public async Task OpenAsync()
        {
            log = EmbeddedLog.Open(
                new EmbeddedLogOptions
                {
                    Path = folder.Path, SegmentBytes = 4096, RetentionBytes = 60_000, RetentionAge = TimeSpan.FromDays(2),
                },
                time,
                new TestStorage());
            foreach (var prefix in checkpoints.Keys)
                writers[prefix] = await log.OpenWriterAsync(prefix, CancellationToken.None);
            reader = null;
        }

        public async Task StepAsync()
        {
            switch (random.Next(20))
            {
                case 0:
                    await log!.DisposeAsync();
                    await OpenAsync();
                    break;
                case 1:
                    time.Shift(TimeSpan.FromHours(random.Next(20)));
                    break;
                case 2:
                    await EnsureTopicAsync();
                    break;
                case 3:
                    var prefix = RandomPrefix();
                    writers[prefix] = await log!.OpenWriterAsync(prefix, CancellationToken.None);
                    Assert.Equal(checkpoints[prefix].OrderBy(entry => entry.Key),
                        writers[prefix].Checkpoint.Entries.OrderBy(entry => entry.Key));
                    break;
                case 4 or 5:
                    await OpenReaderAsync();
                    break;
                case < 10:
                    await ReadAsync();
                    break;
                default:
                    await AppendAsync();
                    break;
            }
        }

        public async Task CheckAsync()
        {
            await MoveFirstAsync();
            foreach (var (partition, expected) in values)
            {
                var read = await log!.ReadAllAsync(new TopicOffset(partition.Topic, partition.Partition, first[partition]));
                Assert.Equal(expected.Skip((int)first[partition]), read.Select(record => record.Value));
                Assert.Equal(read.Select((_, i) => first[partition] + i), read.Select(record => record.Offset));
            }

            foreach (var (prefix, entries) in checkpoints)
            {
                var checkpoint = await log!.ReadCheckpointAsync(prefix, CancellationToken.None);
                Assert.Equal(entries.OrderBy(entry => entry.Key), checkpoint.Entries.OrderBy(entry => entry.Key));
            }
        }

        public async ValueTask DisposeAsync() => await log!.DisposeAsync();

        private string RandomPrefix() => $"p{random.Next(2)}";

        private async Task EnsureTopicAsync()
        {
            var state = await writers[RandomPrefix()].EnsureTopicAsync($"t{random.Next(8)}", 1 + random.Next(4), CancellationToken.None);
            foreach (var partition in state.Partitions)
            {
                values.TryAdd(new TopicPartition(state.Topic, partition.Partition), []);
                first.TryAdd(new TopicPartition(state.Topic, partition.Partition), 0);
            }
        }

        private async Task AppendAsync()
        {
            var prefix = RandomPrefix();
            using var batch = new RecordBatch(new PartitionTable());
            var partitions = values.Keys.ToArray();
            for (var left = partitions.Length == 0 ? 0 : random.Next(40); left > 0; left--)
            {
                var partition = partitions[random.Next(partitions.Length)];
                var value = new string((char)('a' + random.Next(26)), random.Next(60));
                batch.Put(partition.Topic, partition.Partition, null, value);
                values[partition].Add(value);
            }

            var entries = new List<CheckpointEntry>();
            for (var left = random.Next(4); left > 0; left--)
            {
                var key = $"k{random.Next(10)}";
                entries.Add(new CheckpointEntry(key, random.Next(3) == 0 ? null : $"{random.Next()}"));
                if (entries[^1].Value is { } value)
                    checkpoints[prefix][key] = value;
                else
                    checkpoints[prefix].Remove(key);
            }

            await writers[prefix].AppendAsync(batch, _ => entries, CancellationToken.None);
        }

        private async Task OpenReaderAsync()
        {
            if (reader is { } old)
                await old.Reader.DisposeAsync();
            await MoveFirstAsync();
            var from = values.Keys.Where(_ => random.Next(2) == 0).ToDictionary(
                partition => partition,
                partition => first[partition] + random.Next((int)(values[partition].Count - first[partition]) + 1));
            var offsets = from.Select(start => new TopicOffset(start.Key.Topic, start.Key.Partition, start.Value)).ToList();
            reader = (await log!.OpenReaderAsync(offsets, CancellationToken.None), from);
        }

        /// <summary>Each partition continues where the reader was, unless retention has overtaken it, which has to be said.</summary>
        private async Task ReadAsync()
        {
            if (reader is not var (source, next))
                return;
            await MoveFirstAsync();
            try
            {
                using var block = await source.ReadAsync(TimeSpan.Zero, CancellationToken.None);
                foreach (var record in block.ToRecords())
                {
                    var partition = new TopicPartition(record.Topic, record.Partition);
                    Assert.Equal(next[partition]++, record.Offset);
                    Assert.Equal(values[partition][(int)record.Offset], record.Value);
                }

                Assert.Equal(block.Partitions.Select(partition => next[partition]), block.NextOffsets);
            }
            catch (Contracts.Errors.CdcException error)
            {
                Assert.Equal(Contracts.Errors.ErrorCodes.OffsetNoLongerHeld, error.Code);
                Assert.Contains(next, place => place.Value < first[place.Key]);
                await source.DisposeAsync();
                reader = null;
            }
        }

        private async Task MoveFirstAsync()
        {
            await JournalSample.AfterRetentionAsync(log!);
            foreach (var topic in await log!.DescribeTopicsAsync(_ => true, CancellationToken.None))
            {
                foreach (var (number, start, end) in topic.Partitions)
                {
                    var partition = new TopicPartition(topic.Topic, number);
                    Assert.InRange(start, first[partition], end);
                    Assert.Equal(values[partition].Count, end);
                    first[partition] = start;
                }
            }
        }
    }
}

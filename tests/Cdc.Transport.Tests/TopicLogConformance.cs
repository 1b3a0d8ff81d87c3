using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Tests;

/// <summary>What every topic log has to do. Names are unique per test, so that implementations may share one server.</summary>
public abstract partial class TopicLogConformance(TopicLogHarness harness) : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(5);

    private readonly string prefix = "p" + Guid.NewGuid().ToString("N");
    private string topic = "";

    protected ITopicLog Log => harness.Log;

    public ValueTask InitializeAsync()
    {
        topic = prefix + ".public.t";
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await harness.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Records_come_back_as_they_were_in_order_with_their_offsets()
    {
        await using var writer = await OpenWriterAsync(partitions: 1);
        using var batch = new RecordBatch(new PartitionTable());
        batch.Put(topic, 0, "key", "value", ("h1", "a"), ("h2", ""));
        batch.Put(topic, 0, null, "no key");
        batch.Put(topic, 0, "tombstone", null);
        batch.Put(topic, 0, "", "");
        await writer.AppendAsync(batch, _ => [], CancellationToken.None);

        await using var reader = await Log.OpenReaderAsync([From(0)], CancellationToken.None);
        using var block = await reader.ReadAsync(Long, CancellationToken.None);
        Assert.True(block.TryRead(out var first, out _, out var offset));
        Assert.Equal(0, offset);
        Assert.True(first.TryGetHeader("h1"u8, out var header) && header.SequenceEqual("a"u8));
        Assert.True(first.TryGetHeader("h2"u8, out header) && header.IsEmpty);
        Assert.False(first.TryGetHeader("h3"u8, out _));
        var rest = block.ToRecords().Select(r => (r.Offset, r.Key, r.Value));
        Assert.Equal([(1L, null, "no key"), (2L, "tombstone", null), (3L, "", "")], rest);
    }

    // Invariant 2
    [Fact]
    public async Task Invariant_2_order_holds_in_each_of_many_partitions()
    {
        const int Partitions = 12;
        await using var writer = await OpenWriterAsync(Partitions);
        var random = new Random(7);
        var expected = Enumerable.Range(0, Partitions).Select(_ => new List<string>()).ToArray();
        using var batch = new RecordBatch(new PartitionTable());
        for (var append = 0; append < 20; append++)
        {
            batch.Clear();
            for (var i = random.Next(30); i >= 0; i--)
            {
                var partition = random.Next(Partitions);
                var value = $"{append}/{i}";
                expected[partition].Add(value);
                batch.Put(topic, partition, null, value);
            }

            await writer.AppendAsync(batch, _ => [], CancellationToken.None);
        }

        var read = await Log.ReadAllAsync(harness.Quiet, [.. Enumerable.Range(0, Partitions).Select(partition => From(0, partition))]);
        foreach (var group in read.GroupBy(record => record.Partition))
        {
            Assert.Equal(expected[group.Key], group.Select(record => record.Value));
            Assert.Equal(group.Select(record => record.Offset).Distinct().Order(), group.Select(record => record.Offset));
        }

        Assert.Equal(expected.Sum(values => values.Count), read.Count);
    }

    // Invariant 3
    [Fact]
    public async Task Invariant_3_records_and_entries_of_a_failed_append_are_both_absent()
    {
        await using var writer = await OpenWriterAsync(partitions: 1);
        await writer.AppendAsync(topic, 0, ["a"], new CheckpointEntry("position", "1"));
        using var batch = TestRecords.BatchOf((topic, 0, "b"));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () =>
            await writer.AppendAsync(batch, _ => throw new InvalidTimeZoneException(), CancellationToken.None));
        await Assert.ThrowsAsync<CdcException>(async () => await writer.AppendAsync(batch, _ => [], CancellationToken.None));

        await using var next = await Log.OpenWriterAsync(prefix, CancellationToken.None);
        Assert.Equal("1", next.Checkpoint["position"]);
        Assert.Equal(["a"], await ValuesAsync(From(0)));
        await next.AppendAsync(topic, 0, ["c"]);
        Assert.Equal(["a", "c"], await ValuesAsync(From(0)));
    }

    [Fact]
    public async Task Append_to_a_topic_that_does_not_exist_is_refused_and_leaves_nothing()
    {
        await using var writer = await OpenWriterAsync(partitions: 1);
        using var batch = TestRecords.BatchOf((topic, 0, "a"), (topic + "x", 0, "b"));
        await Refuses(ErrorCodes.TopicUnknown, async () =>
            await writer.AppendAsync(batch, _ => [new CheckpointEntry("k", "v")], CancellationToken.None));
        Assert.Empty(await ValuesAsync(From(0)));
        Assert.True((await Log.ReadCheckpointAsync(prefix, CancellationToken.None)).IsEmpty);
    }

    // Invariant 5
    [Fact]
    public async Task Invariant_5_second_writer_of_a_prefix_ends_the_first()
    {
        await using var first = await OpenWriterAsync(partitions: 1);
        await first.AppendAsync(topic, 0, ["a"], new CheckpointEntry("position", "1"));
        await using var second = await Log.OpenWriterAsync(prefix, CancellationToken.None);
        Assert.Equal("1", second.Checkpoint["position"]);
        await Refuses(ErrorCodes.LogWriterFenced, () => first.AppendAsync(topic, 0, ["b"], new CheckpointEntry("position", "2")));
        await Refuses(ErrorCodes.LogWriterFenced, () => first.NoteAsync());
        await Refuses(ErrorCodes.LogWriterFenced, async () => await first.EnsureTopicAsync(topic + "2", 1, CancellationToken.None));
        await second.AppendAsync(topic, 0, ["c"]);
        Assert.Equal(["a", "c"], await ValuesAsync(From(0)));
        Assert.Equal("1", (await Log.ReadCheckpointAsync(prefix, CancellationToken.None))["position"]);
    }

    [Fact]
    public async Task Topic_is_made_once_and_keeps_its_identity()
    {
        await using var writer = await OpenWriterAsync();
        var version = Log.TopicsVersion;
        var made = await writer.EnsureTopicAsync(topic, 3, CancellationToken.None);
        Assert.NotEqual(version, Log.TopicsVersion);
        Assert.Equal([(0, 0L, 0L), (1, 0L, 0L), (2, 0L, 0L)], made.Partitions.Select(p => (p.Partition, p.FirstOffset, p.NextOffset)));
        version = Log.TopicsVersion;
        var again = await writer.EnsureTopicAsync(topic, 7, CancellationToken.None);
        Assert.Equal((made.TopicId, 3), (again.TopicId, again.Partitions.Length));
        Assert.Equal(version, Log.TopicsVersion);
        await harness.ReopenAsync();
        Assert.Equal(made.TopicId, (await DescribeAsync()).TopicId);
    }

    [Fact]
    public async Task Bounds_follow_the_appends()
    {
        await using var writer = await OpenWriterAsync(partitions: 2);
        await writer.AppendAsync(topic, 1, ["a", "b"]);
        await writer.AppendAsync(topic, 1, ["c"]);
        Assert.Equal([(0, 0L, 0L), (1, 0L, 3L + 2 * harness.Markers)],
            (await DescribeAsync()).Partitions.Select(p => (p.Partition, p.FirstOffset, p.NextOffset)));
    }

    [Fact]
    public async Task Everything_is_there_after_reopening()
    {
        await using (var writer = await OpenWriterAsync(partitions: 2))
        {
            await writer.AppendAsync(topic, 0, ["a", "b"], new CheckpointEntry("position", "1"));
            await writer.AppendAsync(topic, 1, ["c"], new CheckpointEntry("position", "2"));
        }

        await harness.ReopenAsync();
        Assert.Equal("2", (await Log.ReadCheckpointAsync(prefix, CancellationToken.None))["position"]);
        await using var next = await OpenWriterAsync();
        await next.AppendAsync(topic, 0, ["d"]);
        Assert.Equal(["a", "b", "c", "d"], await ValuesAsync(From(0, 0), From(0, 1)));
        Assert.Equal((2L + harness.Markers, 3L + 2 * harness.Markers),
            (await ReadOneAsync(From(2)), (await DescribeAsync()).Partitions[0].NextOffset));
    }

    [Fact]
    public async Task Reader_begins_in_the_middle_of_an_append_and_elsewhere_at_another_offset()
    {
        await using var writer = await OpenWriterAsync(partitions: 3);
        using var batch = TestRecords.BatchOf([.. Enumerable.Range(0, 30).Select(i => (topic, i % 3, $"{i}"))]);
        await writer.AppendAsync(batch, _ => [], CancellationToken.None);
        await writer.AppendAsync(topic, 0, ["x"]);
        await writer.AppendAsync(topic, 2, ["y"]);
        var read = await Log.ReadAllAsync(harness.Quiet, From(8, 0), From(9, 1), From(10, 2));
        Assert.Equal(["24", "27", "28", "x", "y"], read.Select(record => record.Value));
        Assert.Equal([8L, 9L, 9L, 10L + harness.Markers, 10L + harness.Markers], read.Select(record => record.Offset));
    }

    [Fact]
    public async Task Records_of_partitions_not_asked_for_are_not_given()
    {
        await using var writer = await OpenWriterAsync(partitions: 3);
        using var batch = TestRecords.BatchOf((topic, 0, "a"), (topic, 1, "b"), (topic, 2, "c"));
        await writer.AppendAsync(batch, _ => [], CancellationToken.None);
        await writer.AppendAsync(topic, 0, ["d"]);
        Assert.Equal(["b"], await ValuesAsync(From(0, 1)));
    }

    [Fact]
    public async Task Next_offsets_of_a_block_say_where_each_partition_continues()
    {
        await using var writer = await OpenWriterAsync(partitions: 2);
        await writer.AppendAsync(topic, 1, ["a", "b"]);
        await using var reader = await Log.OpenReaderAsync([From(0, 0), From(1, 1)], CancellationToken.None);
        Assert.Single(await reader.ReadAllAsync(harness.Quiet));
        using var nothing = await reader.ReadAsync(Short, CancellationToken.None);
        Assert.Equal([0L, 2L + harness.Markers], nothing.NextOffsets);
        Assert.Equal((await DescribeAsync()).Partitions.Select(p => p.NextOffset), nothing.NextOffsets);
        Assert.Equal([new TopicPartition(topic, 0), new TopicPartition(topic, 1)], nothing.Partitions);
    }

    [Fact]
    public async Task Waiting_reader_gets_what_is_appended_meanwhile()
    {
        await using var writer = await OpenWriterAsync(partitions: 2);
        await using var reader = await Log.OpenReaderAsync([From(0)], CancellationToken.None);
        var waiting = reader.ReadAsync(Long, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        await writer.AppendAsync(topic, 1, ["not for this reader"]);
        await writer.AppendAsync(topic, 0, ["a"]);
        using var block = await waiting;
        Assert.Equal(["a"], block.ToRecords().Select(record => record.Value));
    }

    [Fact]
    public async Task Waiting_ends_with_an_empty_block_or_by_cancelling()
    {
        await using var writer = await OpenWriterAsync(partitions: 1);
        await using var reader = await Log.OpenReaderAsync([From(0)], CancellationToken.None);
        using (var block = await reader.ReadAsync(Short, CancellationToken.None))
            Assert.Empty(block.ToRecords());
        using var cancel = new CancellationTokenSource();
        var waiting = reader.ReadAsync(Long, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await writer.AppendAsync(topic, 0, ["a"]);
        Assert.Equal(["a"], (await reader.ReadAllAsync(harness.Quiet)).Select(record => record.Value));
    }

    // Invariant 6
    [Fact]
    public async Task Invariant_6_offset_beyond_the_end_and_unknown_partition_are_refused()
    {
        await using var writer = await OpenWriterAsync(partitions: 1);
        await writer.AppendAsync(topic, 0, ["a"]);
        await Refuses(ErrorCodes.OffsetBeyondEnd, async () => await Log.ReadAllAsync(harness.Quiet, From(2 + harness.Markers)));
        await Refuses(ErrorCodes.TopicUnknown, async () => await Log.ReadAllAsync(harness.Quiet, From(0, 1)));
        await Refuses(ErrorCodes.TopicUnknown, async () => await Log.ReadAllAsync(harness.Quiet, new TopicOffset(topic + "x", 0, 0)));
        Assert.Empty(await ValuesAsync(From(1)));
        Assert.Empty(await ValuesAsync(From(1 + harness.Markers)));
    }

    // Invariant 6
    [Fact]
    public async Task Invariant_6_forgotten_offsets_are_refused_at_opening_and_under_a_reader()
    {
        await using var writer = await OpenWriterAsync(partitions: 2);
        await writer.AppendAsync(topic, 0, ["a", "b"], new CheckpointEntry("position", "1"));
        await using var slow = await Log.OpenReaderAsync([From(0)], CancellationToken.None);
        await using var elsewhere = await Log.OpenReaderAsync([From(0, 1)], CancellationToken.None);
        await harness.ForgetAllAsync();

        await Refuses(ErrorCodes.OffsetNoLongerHeld, async () => await slow.ReadAsync(Short, CancellationToken.None));
        await Refuses(ErrorCodes.OffsetNoLongerHeld, async () => await Log.ReadAllAsync(harness.Quiet, From(1)));
        var end = 2L + harness.Markers;
        Assert.Equal((end, end), ((await DescribeAsync()).Partitions[0].FirstOffset, (await DescribeAsync()).Partitions[0].NextOffset));
        Assert.Equal("1", (await Log.ReadCheckpointAsync(prefix, CancellationToken.None))["position"]);
        await writer.AppendAsync(topic, 0, ["c"]);
        await writer.AppendAsync(topic, 1, ["d"]);
        Assert.Equal(["c"], await ValuesAsync(From(end)));
        Assert.Equal(["d"], (await elsewhere.ReadAllAsync(harness.Quiet)).Select(record => record.Value));
    }

    [Fact]
    public async Task Records_are_shown_by_their_offsets_and_nothing_where_there_is_none()
    {
        await using var writer = await OpenWriterAsync(partitions: 2);
        await writer.AppendAsync(topic, 0, ["gone"]);
        await harness.ForgetAllAsync();
        await writer.AppendAsync(topic, 0, ["a", "b"]);
        await writer.AppendAsync(topic, 1, ["c"]);
        await writer.AppendAsync(topic, 0, ["d"]);
        var first = (await DescribeAsync()).Partitions[0].FirstOffset;
        var shown = new List<(long, int, string)>();
        TopicOffset[] places =
        [
            From(first + 2 + harness.Markers), From(first + 1), From(0, 1), From(0), From(1, 1), From(99), From(0, 7),
            new(topic + "x", 0, 0),
        ];
        await Log.VisitAsync(places, (place, record) => shown.Add(
            (place.Offset, place.Partition, System.Text.Encoding.UTF8.GetString(record.Value))), CancellationToken.None);
        Assert.Equal([(first + 1, 0, "b"), (first + 2 + harness.Markers, 0, "d"), (0, 1, "c")],
            shown.OrderBy(one => (one.Item2, one.Item1)));
    }

    [Fact]
    public async Task Several_writers_and_readers_at_once_keep_each_prefix_whole()
    {
        const int Appends = 40;
        var names = Enumerable.Range(0, 4).Select(i => $"{prefix}.{i}").ToArray();
        var reads = await Task.WhenAll(names.Select(name => Task.Run(async () =>
        {
            await using var writer = await Log.OpenWriterAsync(name, CancellationToken.None);
            await writer.EnsureTopicAsync(name, 1, CancellationToken.None);
            var reading = Task.Run(() => ReadCountAsync(new TopicOffset(name, 0, 0), 2 * Appends));
            for (var i = 0; i < Appends; i++)
                await writer.AppendAsync(name, 0, [$"{i}", $"{i}'"], new CheckpointEntry("i", $"{i}"));
            return await reading;
        })));
        var expected = Enumerable.Range(0, Appends).SelectMany(i => new string?[] { $"{i}", $"{i}'" }).ToList();
        Assert.All(reads, values => Assert.Equal(expected, values));
        foreach (var name in names)
            Assert.Equal($"{Appends - 1}", (await Log.ReadCheckpointAsync(name, CancellationToken.None))["i"]);
    }

    protected static async Task Refuses(ErrorCode code, Func<Task> work) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<CdcException>(work)).Code);

    private TopicOffset From(long offset, int partition = 0) => new(topic, partition, offset);

    private async Task<ITopicLogWriter> OpenWriterAsync(int partitions = 0)
    {
        var writer = await Log.OpenWriterAsync(prefix, CancellationToken.None);
        if (partitions > 0)
            await writer.EnsureTopicAsync(topic, partitions, CancellationToken.None);
        return writer;
    }

    private async Task<TopicState> DescribeAsync() =>
        Assert.Single(await Log.DescribeTopicsAsync(name => string.Equals(name, topic, StringComparison.Ordinal), CancellationToken.None));

    private async Task<List<string?>> ValuesAsync(params TopicOffset[] from) =>
        [.. (await Log.ReadAllAsync(harness.Quiet, from)).Select(record => record.Value)];

    private async Task<long> ReadOneAsync(TopicOffset from) => Assert.Single(await Log.ReadAllAsync(harness.Quiet, from)).Offset;

    private async Task<List<string?>> ReadCountAsync(TopicOffset from, int count)
    {
        var values = new List<string?>();
        await using var reader = await Log.OpenReaderAsync([from], CancellationToken.None);
        while (values.Count < count)
        {
            using var block = await reader.ReadAsync(Long, CancellationToken.None);
            values.AddRange(block.ToRecords().Select(record => record.Value));
        }

        return values;
    }
}

using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Tests.Embedded;

public sealed class JournalFaultTests : IDisposable
{
    private static readonly TopicOffset Start = new(JournalSample.Topic, 0, 0);

    private readonly TestFolder folder = new();
    private readonly TestStorage storage = new();

    public void Dispose() => folder.Dispose();

    // Invariant 1
    [Fact]
    public async Task Invariant_1_nothing_is_seen_or_answered_before_the_flush_has_ended()
    {
        await using var log = JournalSample.Open(folder, storage);
        await using var writer = await JournalSample.OpenWriterAsync(log);
        await using var reader = await log.OpenReaderAsync([Start], CancellationToken.None);
        await DrainFlushesAsync();
        storage.Hold();
        var append = JournalSample.AppendAsync(writer, 1);
        await storage.FlushBegunAsync();
        using (var block = await reader.ReadAsync(TimeSpan.FromMilliseconds(20), CancellationToken.None))
            Assert.Empty(block.ToRecords());
        Assert.Equal(0, (await log.DescribeTopicsAsync(_ => true, CancellationToken.None))[0].Partitions[0].NextOffset);
        var checkpoint = log.ReadCheckpointAsync(JournalSample.Prefix, CancellationToken.None).AsTask();
        Assert.False(append.IsCompleted || checkpoint.IsCompleted);
        storage.Release();
        await append;
        Assert.Equal("1", (await checkpoint)["position"]);
        Assert.Equal(2, (await reader.ReadAllAsync()).Count);
    }

    [Fact]
    public async Task Appends_that_wait_share_one_write_and_one_flush()
    {
        await using var log = JournalSample.Open(folder, storage);
        var writers = new List<ITopicLogWriter>();
        for (var i = 0; i < 6; i++)
            writers.Add(await log.OpenWriterAsync($"w{i}", CancellationToken.None));
        await DrainFlushesAsync();
        storage.Calls.Clear();
        storage.Hold();
        var first = writers[0].NoteAsync(new CheckpointEntry("a", "1"));
        await storage.FlushBegunAsync();
        var others = writers.Skip(1).Select(writer => writer.NoteAsync(new CheckpointEntry("a", "1"))).ToList();
        storage.Release();
        await Task.WhenAll(others.Append(first));
        Assert.Equal(["write", "flush", "write", "flush"], storage.Calls.Select(call => call.Split(' ')[0]));
    }

    [Fact]
    public async Task Later_group_of_the_write_that_was_torn_proves_no_damage()
    {
        await using (var log = JournalSample.Open(folder, storage))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            await JournalSample.AppendAsync(writer, 1);
            await DrainFlushesAsync();
            storage.Hold();
            var first = JournalSample.AppendAsync(writer, 2);
            await storage.FlushBegunAsync();
            var others = Enumerable.Range(3, 3).Select(i => JournalSample.AppendAsync(writer, i)).ToList();
            storage.Release();
            await Task.WhenAll(others.Append(first));
        }

        // The power went while the groups 3 to 5 were written at once: 4 never reached the disk, 5 did.
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        var ends = GroupStarts(whole);
        whole.AsSpan(ends[^2], ends[^1] - ends[^2]).Clear();
        await File.WriteAllBytesAsync(folder.Segments[0], whole);
        await using var again = JournalSample.Open(folder);
        Assert.Contains("position=3", await JournalSample.DescribeAsync(again), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(1_000_000)]
    public async Task Failed_write_ends_the_log_and_leaves_no_part_of_the_append(int bytesWritten)
    {
        string before;
        await using (var log = JournalSample.Open(folder, storage))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            await JournalSample.AppendAsync(writer, 1);
            before = await JournalSample.DescribeAsync(log);
            storage.FailWriteAfter = bytesWritten;
            await Refuses(() => JournalSample.AppendAsync(writer, 2));
            await Refuses(() => JournalSample.AppendAsync(writer, 3));
            await Refuses(async () => await log.OpenWriterAsync("other", CancellationToken.None));
            await Refuses(async () => await log.ReadCheckpointAsync(JournalSample.Prefix, CancellationToken.None));
            Assert.Equal(2, (await log.ReadAllAsync(Start)).Count);
        }

        await using var again = JournalSample.Open(folder);
        var after = await JournalSample.DescribeAsync(again);
        Assert.Equal(bytesWritten < 1_000_000, string.Equals(before, after, StringComparison.Ordinal));
    }

    // Invariant 1
    [Fact]
    public async Task Invariant_1_failed_flush_ends_the_log_and_what_it_left_is_written_again_at_opening()
    {
        long start;
        await using (var log = JournalSample.Open(folder, storage))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            await JournalSample.AppendAsync(writer, 1);
            start = new FileInfo(folder.Segments[0]).Length;
            storage.FailFlush = true;
            await Refuses(() => JournalSample.AppendAsync(writer, 2));
            storage.FailFlush = false;
            await Refuses(() => JournalSample.AppendAsync(writer, 3));
            Assert.Equal(2, (await log.ReadAllAsync(Start)).Count);
        }

        // The system may hold in memory what never reached the disk, and believe it clean.
        var length = new FileInfo(folder.Segments[0]).Length;
        var opened = new TestStorage();
        await using var again = JournalSample.Open(folder, opened);
        Assert.Equal([FormattableString.Invariant($"write {start} {length - start}"), "flush"], opened.Calls);
        Assert.Contains("position=2", await JournalSample.DescribeAsync(again), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_while_a_segment_is_begun_ends_the_log_and_loses_nothing()
    {
        var acknowledged = 0;
        await using (var log = JournalSample.Open(folder, storage, segmentBytes: 4096))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            while (new FileInfo(folder.Segments[0]).Length < 4096)
                await JournalSample.AppendAsync(writer, ++acknowledged);
            await JournalSample.AppendAsync(writer, ++acknowledged);
            storage.FailWriteAfter = 100;
            await Refuses(() => JournalSample.AppendAsync(writer, acknowledged + 1));
        }

        await using var again = JournalSample.Open(folder, segmentBytes: 4096);
        Assert.Contains($"position={acknowledged}", await JournalSample.DescribeAsync(again), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Segment_gets_its_name_when_its_head_is_durable_and_before_anything_is_appended()
    {
        await using var log = JournalSample.Open(folder, storage, segmentBytes: 4096);
        Assert.Equal(["write", "flush", "folder"], storage.Calls.Select(call => call.Split(' ')[0]));
        await using var writer = await JournalSample.OpenWriterAsync(log);
        for (var i = 0; folder.Segments.Length == 1; i++)
        {
            storage.Calls.Clear();
            await JournalSample.AppendAsync(writer, i);
        }

        Assert.Equal(["write 0", "flush", "folder"], storage.Calls.Take(3).Select(call => string.Join(' ', call.Split(' ').Take(2))));
        Assert.Equal(["write", "flush"], storage.Calls.Skip(3).Select(call => call.Split(' ')[0]));
    }

    [Fact]
    public async Task What_lies_far_behind_the_end_leaves_the_systems_memory()
    {
        await using var log = JournalSample.Open(folder, storage);
        await using var writer = await JournalSample.OpenWriterAsync(log);
        for (var i = 0; i < 40; i++)
        {
            Assert.DoesNotContain(storage.Calls, call => call.StartsWith("uncache", StringComparison.Ordinal) && i < 32);
            await writer.NoteAsync(new CheckpointEntry("a", new string('x', 1 << 20)));
        }

        var uncached = storage.Calls.Where(call => call.StartsWith("uncache ", StringComparison.Ordinal))
            .Select(call => long.Parse(call[8..], CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(uncached);
        Assert.All(uncached, length => Assert.InRange(length, 1, new FileInfo(folder.Segments[0]).Length - (32 << 20)));
    }

    // Invariant 4
    [Fact]
    public async Task Invariant_4_text_that_is_not_unicode_is_refused_and_the_log_continues()
    {
        await using var log = JournalSample.Open(folder, storage);
        await using var writer = await JournalSample.OpenWriterAsync(log);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => writer.NoteAsync(new("a", "1"), new("b", "\ud800")));
        await using var next = await log.OpenWriterAsync(JournalSample.Prefix, CancellationToken.None);
        Assert.True(next.Checkpoint.IsEmpty);
        await JournalSample.AppendAsync(next, 1);
        Assert.Equal(2, (await log.ReadAllAsync(Start)).Count);
    }

    [Fact]
    public async Task Real_storage_flushes_files_and_folders()
    {
        await using (var log = EmbeddedLog.Open(new EmbeddedLogOptions { Path = Path.Combine(folder.Path, "new", "log") },
            TimeProvider.System))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            await JournalSample.AppendAsync(writer, 1);
        }

        Assert.Throws<IOException>(() => DiskStorage.Instance.FlushFolder(Path.Combine(folder.Path, "missing")));
    }

    private static async Task Refuses(Func<Task> work) =>
        Assert.Equal(ErrorCodes.LogStorageFailed, (await Assert.ThrowsAsync<CdcException>(work)).Code);

    private static List<int> GroupStarts(byte[] segment)
    {
        var seed = SegmentHeader.Read(segment, "").Seed;
        var starts = new List<int>();
        for (var at = SegmentHeader.Size; GroupHeader.TryRead(segment.AsSpan(at), seed, out var header); at += (int)header.Length)
            starts.Add(at);
        return starts;
    }

    /// <summary>Forgets the flushes so far, so that the next one is noticed.</summary>
    private async Task DrainFlushesAsync()
    {
        for (var left = storage.Calls.Count(call => string.Equals(call, "flush", StringComparison.Ordinal)); left > 0; left--)
            await storage.FlushBegunAsync();
    }
}

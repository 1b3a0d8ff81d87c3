using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Tests.Embedded;

public sealed class JournalDamageTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Torn_tail_is_cut_off_at_open_wherever_it_was_torn()
    {
        var (before, after, start) = await WriteAsync(appends: 4);
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        for (var length = start; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(folder.Segments[0], whole[..length]);
            await using (var log = JournalSample.Open(folder))
            {
                Assert.Equal(length == whole.Length ? after : before, await JournalSample.DescribeAsync(log));
                Assert.Equal(length == whole.Length ? whole.Length : start, new FileInfo(folder.Segments[0]).Length);
                if (length % 16 != 0)
                    continue;
                await using var writer = await JournalSample.OpenWriterAsync(log);
                await JournalSample.AppendAsync(writer, 9);
            }

            await using var again = JournalSample.Open(folder);
            Assert.Contains("position=9", await JournalSample.DescribeAsync(again), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Tail_of_zeros_or_noise_is_cut_off()
    {
        var (_, after, _) = await WriteAsync(appends: 3);
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        var noise = new byte[5000];
        new Random(3).NextBytes(noise);
        foreach (var tail in new[] { new byte[1], new byte[100_000], noise, [.. GroupHeader.Magic, .. noise] })
        {
            await File.WriteAllBytesAsync(folder.Segments[0], [.. whole, .. tail]);
            await using var log = JournalSample.Open(folder);
            Assert.Equal(after, await JournalSample.DescribeAsync(log));
        }
    }

    [Fact]
    public async Task Any_byte_changed_before_the_last_group_stops_the_opening_and_changes_nothing()
    {
        var (_, _, start) = await WriteAsync(appends: 4);
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        for (var at = 0; at < start; at++)
        {
            whole[at] ^= (byte)(1 << (at % 8));
            await File.WriteAllBytesAsync(folder.Segments[0], whole);
            var error = Assert.Throws<CdcException>(() => JournalSample.Open(folder));
            Assert.Equal(ErrorCodes.LogCorrupt, error.Code);
            Assert.Equal(whole, await File.ReadAllBytesAsync(folder.Segments[0]));
            whole[at] ^= (byte)(1 << (at % 8));
        }
    }

    [Fact]
    public async Task Any_byte_changed_in_an_older_segment_is_never_delivered()
    {
        await WriteAsync(appends: 60, segmentBytes: 4096);
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        var expected = await ReadAsync();

        // Every byte of the first groups, and some of each later one.
        for (var at = 0; at < whole.Length; at += at < 600 ? 1 : 23)
        {
            whole[at] ^= 0x10;
            await File.WriteAllBytesAsync(folder.Segments[0], whole);
            var delivered = new List<TestRecord>();
            var error = await Assert.ThrowsAsync<CdcException>(() => ReadAsync(delivered));
            Assert.Equal(ErrorCodes.LogCorrupt, error.Code);
            Assert.Equal(expected.Take(delivered.Count), delivered);
            whole[at] ^= 0x10;
        }
    }

    // Invariant 6
    [Fact]
    public async Task Invariant_6_missing_segment_in_the_middle_is_refused()
    {
        await WriteAsync(appends: 100, segmentBytes: 4096);
        Assert.True(folder.Segments.Length >= 4);
        File.Delete(folder.Segments[1]);
        Refuses(ErrorCodes.LogCorrupt);
    }

    // Invariant 6
    [Fact]
    public async Task Invariant_6_missing_first_segment_is_a_gap_for_those_who_need_it()
    {
        await WriteAsync(appends: 100, segmentBytes: 4096);
        File.Delete(folder.Segments[0]);
        await using var log = JournalSample.Open(folder);
        var first = (await log.DescribeTopicsAsync(_ => true, CancellationToken.None))[0].Partitions[0].FirstOffset;
        Assert.True(first > 0);
        var error = await Assert.ThrowsAsync<CdcException>(() => log.ReadAllAsync(new TopicOffset(JournalSample.Topic, 0, first - 1)));
        Assert.Equal(ErrorCodes.OffsetNoLongerHeld, error.Code);
        Assert.Equal(first, (await log.ReadAllAsync(new TopicOffset(JournalSample.Topic, 0, first)))[0].Offset);
    }

    [Fact]
    public async Task Segment_shorter_or_longer_than_its_successor_says_is_refused()
    {
        await WriteAsync(appends: 60, segmentBytes: 4096);
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        foreach (var other in new[] { whole[..^1], [.. whole, 0] })
        {
            await File.WriteAllBytesAsync(folder.Segments[0], other);
            Refuses(ErrorCodes.LogCorrupt);
        }
    }

    [Fact]
    public async Task Segment_of_another_log_or_under_another_number_is_refused()
    {
        await WriteAsync(appends: 60, segmentBytes: 4096);
        using var other = new TestFolder();
        await using (var log = JournalSample.Open(other))
            await JournalSample.OpenWriterAsync(log);
        var last = folder.Segments[^1];
        var kept = await File.ReadAllBytesAsync(last);
        File.Copy(other.Segments[0], last, overwrite: true);
        Refuses(ErrorCodes.LogCorrupt);

        var header = SegmentHeader.Read(kept, last);
        var foreign = kept.ToArray();
        (header with { LogId = Guid.NewGuid() }).Write(foreign);
        await File.WriteAllBytesAsync(last, foreign);
        Refuses(ErrorCodes.LogCorrupt);
        await File.WriteAllBytesAsync(last, kept);
        File.Move(folder.Segments[0], Path.Combine(folder.Path, "journal-x.log"));
        Refuses(ErrorCodes.LogCorrupt);
    }

    [Fact]
    public async Task Group_out_of_sequence_is_refused()
    {
        var (_, _, start) = await WriteAsync(appends: 3);
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        await File.WriteAllBytesAsync(folder.Segments[0], [.. whole, .. whole[start..]]);
        Refuses(ErrorCodes.LogCorrupt);
    }

    // Invariant 4
    [Fact]
    public async Task Invariant_4_other_format_codec_or_kind_is_refused_and_kept()
    {
        var (_, _, start) = await WriteAsync(appends: 2);
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        var segment = SegmentHeader.Read(whole, "");
        Assert.True(GroupHeader.TryRead(whole.AsSpan(start), segment.Seed, out var last));
        foreach (var changed in new[] { last with { Codec = 1 }, last with { Kind = (GroupKind)3 } })
        {
            changed.Write(whole.AsSpan(start), segment.Seed);
            await File.WriteAllBytesAsync(folder.Segments[0], whole);
            Refuses(ErrorCodes.LogFormatUnknown);
            Assert.Equal(whole, await File.ReadAllBytesAsync(folder.Segments[0]));
        }

        whole[8] = 2;
        BitConverter.TryWriteBytes(whole.AsSpan(60), Crc32C.Of(whole.AsSpan(0, 60)));
        await File.WriteAllBytesAsync(folder.Segments[0], whole);
        Refuses(ErrorCodes.LogFormatUnknown);
    }

    // Invariant 7
    [Fact]
    public async Task Invariant_7_lengths_of_a_hostile_file_are_not_believed()
    {
        var (before, _, start) = await WriteAsync(appends: 2);
        var whole = await File.ReadAllBytesAsync(folder.Segments[0]);
        var segment = SegmentHeader.Read(whole, "");
        Assert.True(GroupHeader.TryRead(whole.AsSpan(start), segment.Seed, out var last));
        (last with { TableLength = int.MaxValue, RecordsLength = int.MaxValue }).Write(whole.AsSpan(start), segment.Seed);
        await File.WriteAllBytesAsync(folder.Segments[0], whole);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var log = JournalSample.Open(folder);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 2 << 20);
        Assert.Equal(before, await JournalSample.DescribeAsync(log));
        await log.DisposeAsync();

        // A table that claims many partitions, with checksums that fit.
        byte[] table = [0xff, 0xff, 0xff, 0x7f];
        byte[] group = [.. new byte[GroupHeader.Size], .. table];
        (last with { TableLength = table.Length, RecordsLength = 0, TableCrc = Crc32C.Of(table), RecordsCrc = 0 }).Write(group,
            segment.Seed);
        await File.WriteAllBytesAsync(folder.Segments[0], [.. whole.AsSpan(0, start), .. group]);
        allocated = GC.GetAllocatedBytesForCurrentThread();
        Refuses(ErrorCodes.LogCorrupt);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 2 << 20);
    }

    [Fact]
    public async Task Unfinished_segment_is_made_again()
    {
        await WriteAsync(appends: 3);
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "journal-0000000002.log.new"), [1, 2, 3]);
        await using (var log = JournalSample.Open(folder, segmentBytes: 4096))
        {
            await using var writer = await JournalSample.OpenWriterAsync(log);
            for (var i = 10; i < 60; i++)
                await JournalSample.AppendAsync(writer, i);
        }

        await using var again = JournalSample.Open(folder);
        Assert.Contains("position=59", await JournalSample.DescribeAsync(again), StringComparison.Ordinal);
    }

    /// <summary>Writes a log; answers with its state before and after the last append, and where that begins in the file.</summary>
    private async Task<(string Before, string After, int Start)> WriteAsync(int appends, long segmentBytes = 64L << 20)
    {
        await using var log = JournalSample.Open(folder, segmentBytes: segmentBytes);
        await using var writer = await JournalSample.OpenWriterAsync(log);
        for (var i = 1; i < appends; i++)
            await JournalSample.AppendAsync(writer, i);
        var before = await JournalSample.DescribeAsync(log);
        var start = (int)new FileInfo(folder.Segments[^1]).Length;
        await JournalSample.AppendAsync(writer, appends);
        return (before, await JournalSample.DescribeAsync(log), start);
    }

    private async Task<List<TestRecord>> ReadAsync(List<TestRecord>? delivered = null)
    {
        delivered ??= [];
        await using var log = JournalSample.Open(folder, segmentBytes: 4096);
        await using var reader = await log.OpenReaderAsync(
            [new TopicOffset(JournalSample.Topic, 0, 0), new TopicOffset(JournalSample.Topic, 1, 0)], CancellationToken.None);
        while (true)
        {
            using var block = await reader.ReadAsync(TimeSpan.Zero, CancellationToken.None);
            var records = block.ToRecords();
            if (records.Count == 0)
                return delivered;
            delivered.AddRange(records);
        }
    }

    private void Refuses(ErrorCode code) => Assert.Equal(code, Assert.Throws<CdcException>(() => JournalSample.Open(folder)).Code);
}

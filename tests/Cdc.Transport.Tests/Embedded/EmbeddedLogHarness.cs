using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Tests.Embedded;

public sealed class EmbeddedLogConformance() : TopicLogConformance(new EmbeddedLogHarness(64L << 20));

/// <summary>The same with segments so small that nearly every test goes over several.</summary>
public sealed class EmbeddedLogOfSmallSegmentsConformance() : TopicLogConformance(new EmbeddedLogHarness(4096));

public sealed class EmbeddedLogHarness : TopicLogHarness
{
    private readonly TestFolder folder = new();
    private readonly ShiftedTime time = new();
    private readonly EmbeddedLogOptions options;
    private EmbeddedLog log;

    public EmbeddedLogHarness(long segmentBytes)
    {
        options = new EmbeddedLogOptions { Path = folder.Path, SegmentBytes = segmentBytes, RetentionAge = TimeSpan.FromDays(1) };
        log = EmbeddedLog.Open(options, time);
    }

    public override ITopicLog Log => log;

    public override async Task ReopenAsync()
    {
        await log.DisposeAsync();
        log = EmbeddedLog.Open(options, time);
    }

    public override async Task ForgetAllAsync()
    {
        // The first append after a day closes the segment, the first after another day finds that segment too old.
        await using var writer = await log.OpenWriterAsync("harness", CancellationToken.None);
        for (var day = 0; day < 2; day++)
        {
            time.Shift(TimeSpan.FromDays(1.5));
            await writer.NoteAsync(new CheckpointEntry("day", $"{day}"));
        }

        await JournalSample.AfterRetentionAsync(log);
    }

    public override async ValueTask DisposeAsync()
    {
        await log.DisposeAsync();
        folder.Dispose();
    }
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

/// <summary>
/// The topic log in a folder of this machine, owned by one process. Errors: <c>CDC-3002</c> another process has it, <c>CDC-3003</c> the
/// disk failed, <c>CDC-3004</c> it is damaged before its end, <c>CDC-3005</c> another version wrote it.
/// </summary>
public sealed class EmbeddedLog : ITopicLog
{
    /// <summary>The most partitions that one topic can have.</summary>
    public const int MaxPartitions = 10_000;

    private readonly Journal journal;
    private readonly TimeProvider time;

    private EmbeddedLog(Journal journal, TimeProvider time)
    {
        this.journal = journal;
        this.time = time;
    }

    /// <summary>What the log takes on disk, in bytes.</summary>
    public long SizeBytes => journal.View.Segments.Sum(segment => segment.Length);

    /// <summary>What was cut off at opening, for people; null where nothing was.</summary>
    public string? CutOff => journal.TornBytes == 0
        ? null
        : FormattableString.Invariant(
            $"{journal.TornBytes} bytes at the end of the log were of an append that never ended; they were cut off.");

    public string LogId => journal.View.Segments[0].Header.LogId.ToString("N");

    public long TopicsVersion => journal.View.TopicsVersion;

    /// <summary>
    /// Opens the log of a folder, or makes one. The rest of an append that never ended is cut off; any other damage is refused.
    /// </summary>
    /// <param name="options">Where it lies.</param>
    /// <param name="time">The clock.</param>
    /// <param name="health">Told of the log's loop; null: nobody is.</param>
    public static EmbeddedLog Open(EmbeddedLogOptions options, TimeProvider time, LoopHealth? health = null) =>
        Open(options, time, DiskStorage.Instance, health);

    /// <summary>
    /// Moves the journal of a folder, which is damaged, into a folder of its own inside, where nothing reads it; the next opening makes an
    /// empty log. Nothing is removed. Answers with that folder. Throws <c>CDC-3002</c> where a process has the log open.
    /// </summary>
    public static string SetAside(EmbeddedLogOptions options, TimeProvider time)
    {
        using var folder = JournalFolder.Open(options.Path);
        return folder.SetAside(time.GetUtcNow());
    }

    internal static EmbeddedLog Open(EmbeddedLogOptions options, TimeProvider time, IJournalStorage storage, LoopHealth? health = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentBytes, 4096);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.RetentionBytes ?? long.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.RetentionAge ?? TimeSpan.MaxValue, TimeSpan.Zero);
        return new EmbeddedLog(Journal.Open(options, time, storage, health ?? new LoopHealth(time)), time);
    }

    public async ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        return await journal.AskAsync(new OpenWriterRequest(new EmbeddedLogWriter(journal, prefix)));
    }

    public async ValueTask<Checkpoint> ReadCheckpointAsync(string prefix, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await journal.AskAsync(new ReadCheckpointRequest(prefix));
    }

    public async ValueTask<IReadOnlyList<string>> ListPrefixesAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await journal.AskAsync(new ListPrefixesRequest());
    }

    public ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(Predicate<string> isWanted, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(journal.View.Describe(isWanted));
    }

    public ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<ITopicReader>(new EmbeddedLogReader(journal.View, from, time));
    }

    /// <summary>One place after another: each is found by its segment's index, so nothing before it is read.</summary>
    public async ValueTask VisitAsync(
        IReadOnlyCollection<TopicOffset> places, RecordVisitor visit, CancellationToken cancellationToken)
    {
        foreach (var place in places)
        {
            try
            {
                await using var reader = new EmbeddedLogReader(journal.View, [place], time);
                using var block = await reader.ReadAsync(TimeSpan.Zero, cancellationToken);
                if (block.TryRead(out var record, out _, out var offset) && offset == place.Offset)
                    visit(place, record);
            }
            catch (CdcException error) when (error.Kind == ErrorKind.LogPositionLost)
            {
                // Nothing lies there.
            }
        }
    }

    public ValueTask DisposeAsync() => journal.DisposeAsync();
}

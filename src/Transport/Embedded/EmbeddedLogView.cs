using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

/// <summary>
/// What the log of a folder held when it was opened, for who only looks. Nothing in the folder is changed, also not the rest of an append
/// that never ended. The lock is held while the log is opened and no longer, so that a look never keeps a process from running: what was
/// found stays as it is, but for what that process' retention removes. Errors as <see cref="EmbeddedLog"/>'s.
/// </summary>
public sealed class EmbeddedLogView : IReadOnlyTopicLog
{
    private readonly JournalState state;
    private readonly DurableView view;
    private readonly TimeProvider time;

    private EmbeddedLogView(JournalOpening opening, TimeProvider time)
    {
        state = opening.State;
        view = new DurableView(opening.Segments, state);
        this.time = time;
    }

    /// <summary>Opens the log of a folder; null where there is none. Throws <c>CDC-3002</c> where a process has it open.</summary>
    public static EmbeddedLogView? TryOpen(string path, TimeProvider time)
    {
        path = Path.GetFullPath(path);
        try
        {
            if (!Directory.Exists(path))
                return null;
            using var folder = JournalFolder.Look(path);
            if (!JournalOpening.TryRead(folder, new JournalAge(time, retention: null), out var opening))
                return null;
            opening.Segments[0].LoadHead();
            return new EmbeddedLogView(opening, time);
        }
        catch (Exception error) when (JournalErrors.IsStorageFailure(error))
        {
            throw JournalErrors.StorageFailed("Looking at the log in", path, error);
        }
    }

    public ValueTask<Checkpoint> ReadCheckpointAsync(
        string prefix, CancellationToken cancellationToken) => ValueTask.FromResult(state.CheckpointOf(prefix));

    public ValueTask<IReadOnlyList<string>> ListPrefixesAsync(
        CancellationToken cancellationToken) => ValueTask.FromResult(state.ListPrefixes());

    public ValueTask<IReadOnlyList<TopicState>> DescribeTopicsAsync(
        Predicate<string> isWanted, CancellationToken cancellationToken) => ValueTask.FromResult(view.Describe(isWanted));

    public ValueTask<ITopicReader> OpenReaderAsync(IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ITopicReader>(new EmbeddedLogReader(view, from, time));
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

/// <summary>
/// What requests work on, by the journal's thread only: the state with everything that was staged, and the newest segment.
/// </summary>
internal sealed class JournalStage(JournalState state, SegmentWriter segment, JournalAge age)
{
    private readonly Dictionary<string, EmbeddedLogWriter> writers = new(StringComparer.Ordinal);

    public JournalState State { get; } = state;

    public SegmentWriter Segment { get; set; } = segment;

    /// <summary>The time by which segments grow old.</summary>
    public JournalAge Age { get; } = age;

    /// <summary>Makes a writer the only one of its prefix. Invariant 5.</summary>
    public void Enthrone(EmbeddedLogWriter writer) => writers[writer.Prefix] = writer;

    /// <summary>
    /// Adds a group to the segment, or nothing where its table cannot be written. The state is the caller's to change after it.
    /// </summary>
    public void Add(
        ReadOnlySpan<GroupPartition> partitions, ReadOnlySpan<NewTopic> topics, string prefix, IReadOnlyList<CheckpointEntry> entries,
        ReadOnlyMemory<byte> records)
    {
        try
        {
            GroupTable.Write(Segment.Begin(), partitions, topics, prefix, entries);
        }
        catch
        {
            Segment.Cancel();
            throw;
        }

        Segment.Add(GroupKind.Append, Age.WallMs, records);
    }

    public void Require(EmbeddedLogWriter writer)
    {
        if (!writers.TryGetValue(writer.Prefix, out var current) || current != writer)
            throw new CdcException(ErrorCodes.LogWriterFenced,
                $"Appending for prefix '{writer.Prefix}', a writer was found that was opened after this one.");
    }
}

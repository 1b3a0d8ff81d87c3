using System.Globalization;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Requests;
using Cdc.Contracts.Topics;

namespace Cdc.Capture;

/// <summary>What a run does with a source of <c>snapshot.mode: only</c> that was read before.</summary>
public enum ReloadPolicy
{
    /// <summary>Nothing is left to do.</summary>
    Never,

    /// <summary>Every table is read again.</summary>
    Again,
}

/// <summary>
/// The end of a source whose tables are only read: that they were is noted first, then the slot goes, which would keep the source's log for
/// ever. Reading them again starts over, as behind a gap: what vanished meanwhile goes from the targets at the end.
/// </summary>
internal sealed class FullLoad(CaptureOptions options, ITopicLog log, TimeProvider clock)
{
    private readonly SlotRemoval slot = new(options.Postgres, clock);

    /// <summary>Notes that everything was read, behind the last append of the session that read it.</summary>
    public static async Task NoteAsync(ITopicLogWriter writer, CancellationToken cancellationToken)
    {
        using var nothing = new RecordBatch(new PartitionTable(), 64);
        await writer.AppendAsync(nothing, _ => [new CheckpointEntry(CheckpointKeys.Done, "done")], cancellationToken);
    }

    /// <summary>
    /// Whether nothing is left to do: everything was read before, and nobody asked for more. A request for a re-read, of whatever tables,
    /// has all of them read again, for there is no stream that would go with only some.
    /// </summary>
    public async Task<bool> IsDoneAsync(ReloadPolicy policy, CancellationToken cancellationToken)
    {
        var checkpoint = await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken);
        if (checkpoint[CheckpointKeys.Done] is null || checkpoint[CheckpointKeys.Gap] is not null)
            return false;
        var (requests, next) = await new ResyncRequests(log, options.TopicPrefix).ReadAsync(ResyncRequests.StartOf(checkpoint),
            cancellationToken);
        if (policy == ReloadPolicy.Never && requests.Count == 0)
            return true;
        await using var writer = await log.OpenWriterAsync(options.TopicPrefix, cancellationToken);
        using var nothing = new RecordBatch(new PartitionTable(), 64);
        await writer.AppendAsync(nothing, _ => [new CheckpointEntry(CheckpointKeys.Gap, next.ToString(CultureInfo.InvariantCulture))],
            cancellationToken);
        return false;
    }

    /// <summary>
    /// Takes the slot away, where it was made by a run; true where there was one. Nothing is lost if this is done by the next run.
    /// </summary>
    public async Task<bool> ReleaseAsync(CancellationToken cancellationToken) =>
        options.Postgres.Create && await slot.DropAsync(cancellationToken);
}

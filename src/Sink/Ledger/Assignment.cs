using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Sink.Ledger;

/// <summary>Which partitions a sink reads, from where, and what the ledger says of them.</summary>
/// <param name="Ledger">By partition, as it stands after the moves; of stopped topics too.</param>
/// <param name="Moves">Ledger rows that must be inserted, or moved over a gap, first.</param>
/// <param name="Stopped">By topic: the gap that only a re-read closes. Nothing of such a topic is read.</param>
public sealed record Assignment(
    IReadOnlyDictionary<TopicPartition, LedgerEntry> Ledger, IReadOnlyList<LedgerMove> Moves,
    IReadOnlyDictionary<string, CdcException> Stopped)
{
    /// <summary>The log to be noted in the ledger before anything moves; null where it is noted already.</summary>
    public LogNote? NewLog { get; init; }

    public IReadOnlyList<TopicOffset> Starts =>
    [
        .. Ledger.Values.Where(entry => !Stopped.ContainsKey(entry.Partition.Topic))
            .Select(entry => new TopicOffset(entry.Partition.Topic, entry.Partition.Partition, entry.NextOffset)),
    ];

    /// <summary>Topics that jump to a snapshot: what stopped their tables lies before it.</summary>
    public IEnumerable<string> Resumed =>
        Moves.Where(move => move.StartsOver).Select(move => move.Moved.Partition.Topic).Distinct(StringComparer.Ordinal);

    /// <summary>
    /// Holds the topics of a subscription against the ledger. What does not fit is a gap:
    /// - Another topic has the name (<c>CDC-5080</c>).
    /// - The offset is no longer held (<c>CDC-3010</c>).
    /// - The offset is beyond the end, or another record lies before it than the one applied (<c>CDC-3011</c>).
    /// - The topic is gone (<c>CDC-3012</c>).
    /// - Its first records are no longer held (<c>CDC-5081</c>).
    /// The partition resumes at a snapshot that repairs it, else the topic stops (Invariant 6).
    /// </summary>
    /// <param name="sink">The sink's name.</param>
    /// <param name="topics">Those that it subscribes to.</param>
    /// <param name="ledger">What it has applied of them.</param>
    /// <param name="notes">What captures note of their topics; read after them.</param>
    /// <param name="held">By partition, whether the log holds the record that was applied last; nothing where that cannot be told.</param>
    /// <param name="isStill">Whether a topic's table is stopped for what one of its records brought.</param>
    public static Assignment Plan(
        string sink, IReadOnlyCollection<TopicState> topics, IEnumerable<LedgerEntry> ledger, TopicNotes notes,
        IReadOnlyDictionary<TopicPartition, bool> held, Predicate<string> isStill)
    {
        var known = ledger.ToDictionary(entry => entry.Partition);
        var all = new Dictionary<TopicPartition, LedgerEntry>(known);
        var moves = new List<LedgerMove>();
        var stopped = new Dictionary<string, CdcException>(StringComparer.Ordinal);
        foreach (var topic in topics)
        {
            try
            {
                var snapshot = notes.SnapshotOf(topic.Topic);
                var overtakes = isStill(topic.Topic) && Overtakes(snapshot, known.Values);
                var planned = topic.Partitions.Select(state =>
                {
                    var partition = new TopicPartition(topic.Topic, state.Partition);
                    var entry = known.GetValueOrDefault(partition);
                    var gap = FindGap(sink, partition, entry, notes.IdentityOf(topic), state, held);
                    return gap is null && !(overtakes && IsOf(snapshot!, state.Partition))
                        ? Resume(sink, partition, entry, notes.IdentityOf(topic))
                        : gap is null || Repairs(gap, snapshot, entry, notes.IdentityOf(topic), state)
                        ? Jump(sink, partition, entry, notes.IdentityOf(topic), snapshot!)
                        : throw gap;
                }).ToList();
                foreach (var move in planned)
                    all[move.Moved.Partition] = move.Moved;
                moves.AddRange(planned.Where(move => move.Expected != move.Moved));
            }
            catch (CdcException gap)
            {
                stopped.Add(topic.Topic, gap);
            }
        }

        foreach (var gone in known.Values.Where(entry => !topics.Any(topic => Holds(topic, entry.Partition))))
        {
            if (topics.Any(topic => IsOlder(gone, topic, notes)))
                // The topic that replaced it has fewer partitions; what this one wrote is swept with the others.
                all.Remove(gone.Partition);
            else
                stopped.TryAdd(gone.Partition.Topic, new CdcException(ErrorCodes.TopicUnknown,
                    $"Sink '{sink}' has applied partition '{gone.Partition}' up to an offset, but the log has no such partition any " +
                    "more."));
        }

        return new Assignment(all, moves, stopped);
    }

    /// <summary>
    /// What is left of a plan where the ledger says which log it was applied from. Where that is another one, nothing is read
    /// (<c>CDC-5021</c>), until somebody has every table read again: then the log at hand is the ledger's from now on. A ledger of which
    /// nothing was applied is of any log.
    /// </summary>
    /// <param name="sink">Its name.</param>
    /// <param name="noted">The ledger's log; null where none is noted.</param>
    /// <param name="log">The log at hand.</param>
    /// <param name="isUsed">Whether the ledger says that anything was applied, of topics that are not subscribed to any more too.</param>
    public Assignment From(string sink, string? noted, string log, bool isUsed)
    {
        var isSame = noted is not null && TopicIdentity.IsSame(noted, log);
        if (isSame && !TopicIdentity.HasNewerLineage(log, noted!))
            return this;
        if (noted is null || isSame || TopicIdentity.HasNewerLineage(log, noted) || !isUsed)
            return this with { NewLog = new LogNote(noted, log) };
        var other = LedgerRules.OtherLog(sink, noted, log);
        return this with
        {
            Moves = [],
            Stopped = Ledger.Keys.Select(partition => partition.Topic).Concat(Stopped.Keys).Distinct(StringComparer.Ordinal)
                .ToDictionary(topic => topic, _ => other, StringComparer.Ordinal),
        };
    }

    /// <summary>Where a partition jumps, the record before that place is from now on the one by which the log is known again.</summary>
    public async ValueTask<Assignment> MarkAsync(AppliedRecords records, CancellationToken cancellationToken)
    {
        var unmarked = Moves.Select(move => move.Moved).Where(moved => moved is { Last: null, NextOffset: > 0 });
        var marks = await records.MarksAsync(
            [.. unmarked.Select(moved => AppliedRecords.PlaceOf(moved.Partition, moved.NextOffset - 1))], cancellationToken);
        var moves = Moves.ToArray();
        var ledger = new Dictionary<TopicPartition, LedgerEntry>(Ledger);
        for (var i = 0; i < moves.Length; i++)
        {
            if (!marks.TryGetValue(moves[i].Moved.Partition, out var mark))
                continue;
            moves[i] = moves[i] with { Moved = moves[i].Moved with { Last = mark } };
            ledger[moves[i].Moved.Partition] = moves[i].Moved;
        }

        return this with { Ledger = ledger, Moves = moves };
    }

    /// <summary>What is left where nothing of some topics is read, nor their ledger moved.</summary>
    public Assignment Without(IReadOnlySet<string> topics) => topics.Count == 0 ? this : this with
    {
        Ledger = Ledger.Where(entry => !topics.Contains(entry.Key.Topic)).ToDictionary(),
        Moves = [.. Moves.Where(move => !topics.Contains(move.Moved.Partition.Topic))],
    };

    private static bool Holds(TopicState topic, TopicPartition partition) =>
        string.Equals(topic.Topic, partition.Topic, StringComparison.Ordinal)
            && topic.Partitions.Any(state => state.Partition == partition.Partition);

    /// <summary>
    /// Whether a snapshot was begun after everything that a topic's partitions applied, and so repairs a table that is stopped. One that
    /// was tried already does not: the ledger stands at its begin at least.
    /// </summary>
    public static bool Overtakes(SnapshotBounds? snapshot, IEnumerable<LedgerEntry> ledger)
    {
        var own = ledger.Where(entry => string.Equals(entry.Partition.Topic, snapshot?.Topic, StringComparison.Ordinal)
            && IsOf(snapshot!, entry.Partition.Partition)).ToList();
        return own.TrueForAll(entry => entry.NextOffset <= snapshot!.Begin[entry.Partition.Partition])
            && own.Exists(entry => entry.NextOffset < snapshot!.Begin[entry.Partition.Partition]);
    }

    /// <summary>Whether the snapshot's table used the partition.</summary>
    private static bool IsOf(SnapshotBounds snapshot, int partition) => partition < snapshot.Begin.Length;

    private static bool IsOlder(LedgerEntry entry, TopicState topic, TopicNotes notes) =>
        string.Equals(topic.Topic, entry.Partition.Topic, StringComparison.Ordinal)
            && !TopicIdentity.IsSame(notes.IdentityOf(topic), entry.TopicId);

    private static LedgerMove Resume(string sink, TopicPartition partition, LedgerEntry? entry, string topicId) =>
        new(entry, entry is null ? new LedgerEntry(sink, partition, topicId, NextOffset: 0, Since: 0, Swept: null, Rows: 0)
            : entry with { TopicId = topicId });

    private static LedgerMove Jump(string sink, TopicPartition partition, LedgerEntry? entry, string topicId, SnapshotBounds snapshot)
    {
        var begin = snapshot.Begin[partition.Partition];
        var moved = entry ?? new LedgerEntry(sink, partition, topicId, NextOffset: begin, Since: begin, Swept: null, Rows: 0);
        return new LedgerMove(entry, moved with { TopicId = topicId, NextOffset = begin, Since = begin, Last = null });
    }

    private static CdcException? FindGap(
        string sink, TopicPartition partition, LedgerEntry? entry, string topicId, PartitionState state,
        IReadOnlyDictionary<TopicPartition, bool> held)
    {
        if (entry is null)
        {
            return state.FirstOffset == 0 ? null : new CdcException(ErrorCodes.ConsumerTooLate, FormattableString.Invariant(
                $"Sink '{sink}' is new to partition '{partition}', whose first {state.FirstOffset} records the log no longer holds."));
        }

        bool? isHeld = held.TryGetValue(partition, out var found) ? found : null;
        if (!TopicIdentity.IsSame(entry.TopicId, topicId) || (isHeld is null && TopicIdentity.HasNewerLineage(topicId, entry.TopicId)))
        {
            return new CdcException(ErrorCodes.TopicReplaced,
                $"Partition '{partition}' was applied from topic '{entry.TopicId}', but the log now has topic '{topicId}' under that " +
                "name.");
        }

        if (entry.NextOffset < state.FirstOffset)
        {
            return new CdcException(ErrorCodes.OffsetNoLongerHeld, string.Create(CultureInfo.InvariantCulture,
                $"Partition '{partition}' was applied up to offset {entry.NextOffset}, but the log holds it " +
                $"from {state.FirstOffset} only."));
        }

        if (entry.NextOffset > state.NextOffset)
        {
            return new CdcException(ErrorCodes.OffsetBeyondEnd, FormattableString.Invariant(
                $"Partition '{partition}' was applied up to offset {entry.NextOffset}, but the log ends at {state.NextOffset}."));
        }

        return isHeld ?? string.Equals(entry.TopicId, topicId, StringComparison.Ordinal) ? null
            : new CdcException(ErrorCodes.OffsetBeyondEnd, string.Create(CultureInfo.InvariantCulture,
            $"Partition '{partition}' was applied up to offset {entry.NextOffset}, but what the log holds before it is not what was " +
            $"applied."));
    }

    // What is applied from a snapshot's begin on, and swept at its end, does not depend on what the target held before. So a gap is closed
    // by any snapshot that the log holds from its begin on and that tells of the source as it was after the gap:
    // - Where retention made the gap, or the sink is new, the log holds nothing older than what lies behind it.
    // - Where the log is another, somebody must have asked for the re-read: what a topic of the same name holds may be of another source.
    // - Where the log lost its end, its offsets are given again, and it may hold snapshots from before. Somebody must have acknowledged the
    //   loss: that begins a new lineage and forgets them.
    private static bool Repairs(CdcException gap, SnapshotBounds? snapshot, LedgerEntry? entry, string topicId, PartitionState state) =>
        snapshot is not null
        && IsOf(snapshot, state.Partition)
        && snapshot.Begin[state.Partition] >= state.FirstOffset
        && !string.Equals(entry?.Swept, snapshot.Id, StringComparison.Ordinal)
        && (gap.Code == ErrorCodes.OffsetNoLongerHeld || gap.Code == ErrorCodes.ConsumerTooLate
            || (snapshot.IsAgain
                && (!TopicIdentity.IsSame(entry!.TopicId, topicId) || TopicIdentity.HasNewerLineage(topicId, entry.TopicId))));
}

/// <summary>The log that a ledger is of.</summary>
/// <param name="Expected">What is noted now; null for none.</param>
/// <param name="Noted">What shall be.</param>
public sealed record LogNote(string? Expected, string Noted);

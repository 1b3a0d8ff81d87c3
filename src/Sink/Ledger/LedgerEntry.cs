using Cdc.Contracts.Positions;

namespace Cdc.Sink.Ledger;

/// <summary>One row of <c>_cdc.ledger</c>: how far a sink has applied a partition.</summary>
/// <param name="TopicId">The <see cref="TopicIdentity"/> when the offset was applied.</param>
/// <param name="NextOffset">The first offset that is not applied.</param>
/// <param name="Since">The offset from which everything was applied without a gap.</param>
/// <param name="Swept">The last snapshot whose removal of vanished rows was done; null for none.</param>
/// <param name="Rows">Rows applied so far, for people.</param>
public sealed record LedgerEntry(
    string Sink, TopicPartition Partition, string TopicId, long NextOffset, long Since, string? Swept, long Rows)
{
    /// <summary>A record just before the next offset, so that another history shows itself; null where none is known.</summary>
    public RecordMark? Last { get; init; }
}

/// <summary>A step of one ledger row.</summary>
/// <param name="Expected">The row as it was read; null where there is none yet. Topic id and next offset are compared.</param>
/// <param name="Moved">The row as it shall be, of the same sink and partition.</param>
public readonly record struct LedgerMove(LedgerEntry? Expected, LedgerEntry Moved)
{
    /// <summary>Whether what the row said of offsets ends here: the first row, another topic, or a gap.</summary>
    public bool StartsOver => Expected is null || Moved.Since != Expected.Since || Moved.NextOffset < Expected.NextOffset
        || !TopicIdentity.IsSame(Expected.TopicId, Moved.TopicId);
}

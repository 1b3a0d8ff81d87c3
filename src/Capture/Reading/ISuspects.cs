using Cdc.Capture.Sources;

namespace Cdc.Capture.Reading;

/// <summary>
/// Transactions that were streamed and that no read has seen yet. A commit can be streamed before the source shows it to others; a read in
/// between misses changes that no window remembers. The list is part of the checkpoint, for that may last longer than a session. It is
/// bounded (Invariant 7): what counts although it was never streamed only costs reads.
/// </summary>
public interface ISuspects
{
    /// <summary>What saw most of all that <see cref="Forget"/> was given; null where it was given nothing.</summary>
    IReadSight? Newest { get; }

    /// <summary>How long the list is.</summary>
    int Count { get; }

    /// <summary>A transaction's first change is handed out, or the first behind another's. True where the list became another.</summary>
    bool Note(TransactionMark transaction);

    /// <summary>Forgets what a read sees: whoever reads later sees it too. True where the list became another.</summary>
    bool Forget(IReadSight sight);

    /// <summary>Whether a read sees all of them.</summary>
    bool AreSeenBy(IReadSight sight);

    /// <summary>The list as it is now, whatever becomes of this one.</summary>
    ISuspects Copy();

    /// <summary>What the checkpoint keeps; the source reads it back.</summary>
    string ToText();
}

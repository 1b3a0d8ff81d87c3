using System.Globalization;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres;

/// <summary>
/// Drops what the log already holds when a slot is streamed again, and proves meanwhile that it is the same history: the last durable
/// transaction (the witness) must come again as it was, and so must the messages of one that a batch cut (Invariants 3 and 6). A slot that
/// begins behind the position has to show the witness before anything after it is let through.
/// </summary>
public sealed class ResumeFilter
{
    private readonly PostgresPosition position;
    private readonly Lsn end;
    private bool witnessed;
    private CutTransaction? cut;

    /// <param name="position">What is durable.</param>
    /// <param name="slotConfirmed">Where the slot begins.</param>
    public ResumeFilter(PostgresPosition position, Lsn slotConfirmed)
    {
        this.position = position;
        end = position.EndLsn;
        witnessed = position.Xid == 0 || slotConfirmed >= end;
        cut = position.Cut;
    }

    /// <summary>Whether nothing can be dropped any more.</summary>
    public bool IsDone => witnessed && cut is null;

    /// <summary>Whether the transaction that begins is wholly in the log.</summary>
    public bool Drops(BeginMessage begin)
    {
        if (begin.FinalLsn < end)
            return true;
        if (!witnessed)
            throw OtherHistory(begin.FinalLsn,
                string.Create(CultureInfo.InvariantCulture, $"transaction {position.Xid} that ended at '{end}' did not come again"));
        if (cut is not null
            && (begin.Xid != cut.Xid || begin.FinalLsn != Lsn.Parse(cut.Commit) || begin.CommitTimeMicroseconds != cut.CommittedAt))
            throw OtherHistory(begin.FinalLsn,
                string.Create(CultureInfo.InvariantCulture, $"transaction {cut.Xid}, of which the log holds a part, did not come again"));
        return false;
    }

    /// <summary>A dropped transaction ended: is it the witness?</summary>
    public void Dropped(BeginMessage begin, CommitMessage commit)
    {
        if (commit.EndLsn < end)
            return;
        if (commit.EndLsn != end || begin.Xid != position.Xid || commit.CommitTimeMicroseconds != position.CommittedAt)
            throw OtherHistory(commit.EndLsn,
                string.Create(CultureInfo.InvariantCulture, $"transaction {begin.Xid} ended there instead of {position.Xid} at '{end}'"));
        witnessed = true;
    }

    /// <summary>
    /// Between two transactions the server says that it sent everything before that place: the witness must have been among it.
    /// </summary>
    public void Passed(Lsn place)
    {
        if (!witnessed && place > end)
            throw OtherHistory(place, string.Create(CultureInfo.InvariantCulture,
                $"transaction {position.Xid} that ended at '{end}' was passed and did not come again"));
    }

    /// <summary>Whether a message of the cut transaction is in the log already.</summary>
    /// <param name="number">Counted from 1 in its transaction.</param>
    public bool Drops(long number, uint hash)
    {
        if (cut is null || number > cut.Messages)
            return false;
        if (number == cut.Messages)
        {
            if (hash != cut.LastHash)
                throw OtherHistory(Lsn.Parse(cut.Commit),
                    string.Create(CultureInfo.InvariantCulture, $"message {number} of transaction {cut.Xid} is not the one the log holds"));
            cut = null;
        }

        return true;
    }

    /// <summary>The transaction is over: a cut one must have come as far as the log holds it.</summary>
    public void Ended(CommitMessage commit)
    {
        if (cut is not null)
            throw OtherHistory(commit.EndLsn,
                string.Create(CultureInfo.InvariantCulture,
                    $"transaction {cut.Xid} ended before message {cut.Messages}, which the log holds"));
    }

    public static uint Hash(ReadOnlySpan<byte> message) => Crc32C.Of(message);

    private static CdcException OtherHistory(Lsn at, string what) => new(ErrorCodes.SourceOtherHistory,
        $"Streaming again at '{at}', {what}: the source's log is not the one that was captured before.");
}

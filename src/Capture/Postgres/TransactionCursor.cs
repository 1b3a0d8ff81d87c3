using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres;

/// <summary>
/// Where in the stream we are: which transaction, how many of its messages, and what all that makes of the position. It also says what the
/// log holds already.
/// </summary>
public sealed class TransactionCursor(PostgresPosition start, Lsn slotConfirmed, TimeProvider clock)
{
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(1);

    private readonly ResumeFilter resume = new(start, slotConfirmed);
    private PostgresPosition complete = start with { Cut = null };
    private Lsn allowed = slotConfirmed > start.EndLsn ? slotConfirmed : start.EndLsn;
    private ulong noted;
    private long notedAt;
    private BeginMessage begin;
    private bool inside;
    private bool dropping;
    private long messages;
    private uint lastHash;
    private int replyRequested;

    /// <summary>The transaction the present message belongs to.</summary>
    public BeginMessage Transaction => begin;

    /// <summary>Where the transaction before this one ended.</summary>
    public Lsn LastEnd => complete.EndLsn;

    public bool IsInside => inside;

    /// <summary>The log holds all of the present transaction.</summary>
    public bool IsDropping => dropping;

    /// <summary>Everything before was received, and handed out.</summary>
    public Lsn Reached => allowed;

    /// <summary>
    /// The server moved on without changes of ours: noted once a second, and at once when it asks. While the history is not proven yet,
    /// nothing is (Invariant 6).
    /// </summary>
    public bool WantsCheckpoint => resume.IsDone && !inside && allowed.Value > Volatile.Read(ref noted)
        && (Volatile.Read(ref replyRequested) == 1 || clock.GetElapsedTime(Volatile.Read(ref notedAt)) >= IdleInterval);

    public void Begin(BeginMessage message)
    {
        if (inside)
            throw OutOfPlace("a transaction begins inside another", message.FinalLsn);
        (begin, inside, messages) = (message, true, 0);
        dropping = !resume.IsDone && resume.Drops(message) || message.FinalLsn < complete.EndLsn;
    }

    public void Commit(CommitMessage message)
    {
        if (!inside || message.CommitLsn != begin.FinalLsn)
            throw OutOfPlace("a transaction ends that did not begin", message.CommitLsn);
        inside = false;
        if (dropping)
        {
            resume.Dropped(begin, message);
            return;
        }

        resume.Ended(message);
        complete = complete with { End = message.EndLsn.ToString(), Xid = begin.Xid, CommittedAt = message.CommitTimeMicroseconds };
        Allow(message.EndLsn);
    }

    /// <summary>Counts a row or truncate message; false where the log holds it.</summary>
    /// <param name="payload">The message.</param>
    /// <param name="at">Where it lies in the source's log.</param>
    /// <param name="checksum">Of the whole message where the payload is only its begin.</param>
    public bool Takes(ReadOnlySpan<byte> payload, Lsn at, uint? checksum = null)
    {
        if (!inside)
            throw OutOfPlace("a row comes outside of a transaction", at);
        messages++;
        if (dropping)
            return false;
        lastHash = checksum ?? ResumeFilter.Hash(payload);
        return resume.IsDone || !resume.Drops(messages, lastHash);
    }

    /// <summary>A sign of life: between transactions everything up to it was received.</summary>
    public void Keepalive(Lsn end, bool asksForReply)
    {
        if (asksForReply)
            Volatile.Write(ref replyRequested, 1);
        if (inside)
            return;
        resume.Passed(end);
        Allow(end);
    }

    /// <summary>Whether the server waits for a status; asking takes the request away.</summary>
    public bool TakeReplyRequest() => Interlocked.Exchange(ref replyRequested, 0) == 1;

    public PostgresMark Mark()
    {
        var cut = inside && !dropping && messages > 0
            ? new CutTransaction(begin.Xid, begin.FinalLsn.ToString(), begin.CommitTimeMicroseconds, messages, lastHash)
            : null;
        return new PostgresMark(resume.IsDone ? complete with { Cut = cut } : start, allowed);
    }

    /// <summary>The mark is durable. Any thread.</summary>
    public void Note(PostgresMark mark)
    {
        Volatile.Write(ref notedAt, clock.GetTimestamp());
        Volatile.Write(ref noted, mark.Allowed.Value);
    }

    private void Allow(Lsn position)
    {
        if (position > allowed && resume.IsDone)
            allowed = position;
    }

    private static CdcException OutOfPlace(string what, Lsn at) =>
        new(ErrorCodes.SourceProtocolViolation, $"Reading the stream at '{at}', {what}.");
}

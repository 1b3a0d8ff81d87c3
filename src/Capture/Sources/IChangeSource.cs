using Cdc.Contracts.Schema;

namespace Cdc.Capture.Sources;

/// <summary>What a call of <see cref="IChangeSource.TryRead"/> found.</summary>
public enum ReadResult
{
    /// <summary>Nothing is left of what was received: fill again.</summary>
    Empty,

    /// <summary>A change.</summary>
    Change,

    /// <summary>A table has a shape that is new; its topic and schemas must be there before its next change is read.</summary>
    Table,

    /// <summary>A place between two transactions, where that was asked for.</summary>
    Boundary,
}

/// <summary>
/// A database's change log, read in blocks. The caller alternates <see cref="FillAsync"/> and <see cref="TryRead"/>, notes each
/// <see cref="Mark"/> in the log with the records it covers, and confirms it once that is durable (Invariant 1).
/// </summary>
public interface IChangeSource : IAsyncDisposable
{
    /// <summary>The field <c>source</c> of this source's events; it holds the facts of the change handed out last.</summary>
    SourceBlock Block { get; }

    /// <summary>Waits for more to read. What was handed out before is no longer valid.</summary>
    Task FillAsync(CancellationToken cancellationToken);

    /// <summary>Steps to the next change of what was received.</summary>
    ReadResult TryRead(out SourceChange change);

    /// <summary>
    /// How far everything handed out so far reaches. Asked between two messages, before the next <see cref="FillAsync"/>.
    /// </summary>
    SourceMark Mark();

    /// <summary>Whether all that was handed out are whole transactions.</summary>
    bool IsBetweenTransactions { get; }

    /// <summary>How far the source's log was received and handed out, as a number that grows with it.</summary>
    ulong Reached { get; }

    /// <summary>Whether <see cref="TryRead"/> stops between transactions.</summary>
    bool StopsBetweenTransactions { get; set; }

    /// <summary>Asks the source for a sign of life, so that <see cref="Reached"/> moves on also when nothing changes.</summary>
    void AskForPosition();

    /// <summary>A table continues whose shape could not be told before: it is looked at again before its next change.</summary>
    void DescribeAgain(TableId table);

    /// <summary>The source has moved without changes of ours, and wants that noted now.</summary>
    bool WantsCheckpoint { get; }

    /// <summary>The mark, and all before it, is durable in the log. Any thread.</summary>
    void Confirm(SourceMark mark);
}

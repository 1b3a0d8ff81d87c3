using System.Globalization;
using Cdc.Capture.Sources;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Testing.Scripted;

/// <summary>The log of a <see cref="ScriptedDatabase"/> as a change source.</summary>
public sealed class ScriptedSource(ScriptedDatabase database) : IChangeSource
{
    private readonly HashSet<TableId> announced = [];
    private int transaction;
    private int next;
    private ulong noted;
    private volatile bool asked;
    private ulong confirmed;

    public SourceBlock Block { get; } = new ScriptedBlock();

    /// <summary>The last mark that was said to be durable.</summary>
    public ulong Confirmed => Interlocked.Read(ref confirmed);

    /// <summary>Somebody waits for more.</summary>
    public bool IsFilling { get; private set; }

    public bool IsBetweenTransactions => next == 0;

    public ulong Reached { get; private set; }

    public bool StopsBetweenTransactions { get; set; }

    public bool WantsCheckpoint => IsBetweenTransactions && Reached > noted;

    public async Task FillAsync(CancellationToken cancellationToken)
    {
        IsFilling = true;
        try
        {
            while (database.At(transaction) is null && !asked)
            {
                await Task.WhenAny(database.Moved, AskedAsync(cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            IsFilling = false;
        }
    }

    public ReadResult TryRead(out SourceChange change)
    {
        change = default;
        if (database.At(transaction) is not { } present)
        {
            if (asked)
                Reached = database.End;
            asked = false;
            return ReadResult.Empty;
        }

        if (next < present.Changes.Count)
            return Read(present, out change);
        (transaction, next, Reached) = (transaction + 1, 0, present.End);
        return StopsBetweenTransactions ? ReadResult.Boundary : TryRead(out change);
    }

    public SourceMark Mark() => new ScriptedMark(Reached);

    public void Confirm(SourceMark mark)
    {
        noted = ((ScriptedMark)mark).Position;
        Interlocked.Exchange(ref confirmed, noted);
    }

    public void AskForPosition() => asked = true;

    public void DescribeAgain(TableId table)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task AskedAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!asked && await timer.WaitForNextTickAsync(cancellationToken))
        {
            // A server answers when it is asked.
        }
    }

    private ReadResult Read(ScriptedTransaction present, out SourceChange change)
    {
        var found = present.Changes[next];
        var table = database.ShapeOf(found.Table);
        if (announced.Add(found.Table))
        {
            change = new SourceChange { Table = table, Operation = Operation.Truncate };
            return ReadResult.Table;
        }

        next++;
        var (bytes, columns) = ScriptedDatabase.RowOf(found.Key, found.Text);
        var row = new RowImage(bytes, columns);
        change = new SourceChange
        {
            Table = table,
            Transaction = present.Mark,
            Operation = found.Text is null ? Operation.Delete : Operation.Update,
            OldImage = found.Text is null ? OldImage.KeyOnly : OldImage.None,
            Before = found.Text is null ? row : default,
            After = found.Text is null ? default : row,
            HasMore = false,
        };
        return ReadResult.Change;
    }

    private sealed class ScriptedMark(ulong position) : SourceMark
    {
        public ulong Position { get; } = position;

        public override IReadOnlyList<CheckpointEntry> Entries =>
            [new CheckpointEntry("scripted", Position.ToString(CultureInfo.InvariantCulture))];
    }
}

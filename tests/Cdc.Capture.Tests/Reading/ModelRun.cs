using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Reading;

/// <summary>
/// The rule, by its real classes, against a simulated database under one random schedule: writers, a stream that comes late, appends,
/// restarts from the last append, chunks. At the end the folded log must be the table, and no read may come before an older change.
/// </summary>
internal sealed partial class ModelRun
{
    private static readonly TableId Table = new("public", "t");

    private readonly Random random;
    private readonly ModelFlaw flaw;
    private readonly ModelDatabase database;
    private readonly ReadLimits limits;
    private readonly SourceTable shape;
    private readonly ModelCheckpoint checkpoint = new();
    private readonly List<ModelEvent> log = [];
    private readonly List<ModelEvent> batch = [];
    private readonly List<IReadSight> published = [];
    private readonly List<OpenChunk> open = [];
    private TableSnapshots reads;
    private readonly ModelBounds bounds = new([]);
    private bool isStopped;
    private bool wasStopped;
    private int ghosts;
    private (int Transaction, int Change, ulong Reached) at = (0, 0, 100);
    private (int Transaction, int Change, ulong Reached) durable = (0, 0, 100);
    private int durableReads;

    private ModelRun(int seed, ModelFlaw flaw)
    {
        random = new Random(seed);
        this.flaw = flaw;
        database = new ModelDatabase(random) { IsPublished = random.Next(3) > 0 };
        limits = new ReadLimits(1 << 14, random.Next(4) == 0 ? 150 : 1 << 20, random.Next(6) == 0 ? 2 : 100, 1 << 20);
        var columns = new[] { "id", "small", "big" }.Select(name => new ColumnSchema(name, name, new ColumnType.Int64(), "bigint"));
        shape = new SourceTable(new TableSchema(Table, [.. columns], [0]), []);
        reads = Load();
    }

    /// <summary>Runs one schedule; answers with what went wrong, or null.</summary>
    public static string? Run(int seed, ModelFlaw flaw)
    {
        var run = new ModelRun(seed, flaw);
        try
        {
            return ModelFault.Of(run.Play);
        }
        finally
        {
            run.reads.Dispose();
        }
    }

    private void Play()
    {
        for (var i = random.Next(40); i > 0; i--)
            WriteSomething();
        if (database.IsPublished)
        {
            // The slot is made when all that ran before is over: the stream begins there.
            EndTransactions();
            at = (database.Committed.Count, 0, database.Inserted);
            reads.Add(Table, isJoining: false);
        }
        else
        {
            at = (database.Committed.Count, 0, database.Inserted);
            SkipBefore(at.Reached);
            database.IsPublished = true;
            reads.Add(Table, isJoining: flaw != ModelFlaw.JoinsAtOnce);
        }

        Append();
        for (var i = random.Next(50, 250); i > 0; i--)
            Step();
        Finish();
    }

    private void Step()
    {
        switch (random.Next(20))
        {
            case < 8:
                WriteSomething();
                break;
            case < 12:
                Stream();
                break;
            case < 14:
                Open();
                break;
            case < 16:
                Advance();
                break;
            case 16:
                Append();
                break;
            case 17:
                Pulse();
                break;
            case 18:
                Keepalive();
                break;
            default:
                if (random.Next(10) == 0)
                    Restart();
                else if (random.Next(5) == 0)
                    LoseAndAsk();
                else if (random.Next(20) == 0)
                    Stop();
                break;
        }
    }

    /// <summary>
    /// A transaction that can be seen is not streamed, a row stays that nobody deletes; and then the table is read again.
    /// </summary>
    private void LoseAndAsk()
    {
        if (reads.Find(Table) is not { State: TableState.Complete or TableState.Stopped } table)
            return;
        var lost = database.Committed.Skip(at.Transaction + 1).FirstOrDefault(transaction => transaction.IsVisible);
        lost?.Changes.Clear();
        batch.Add(new ModelEvent(Operation.Create, 1_000_000 + ghosts++, 0, 0));
        isStopped = false;
        reads.Ask(table);
        Append();
    }

    /// <summary>The table is stopped: its changes are not told.</summary>
    private void Stop()
    {
        reads.Find(Table)!.Health.Stop(Troubles.Some);
        isStopped = true;
    }

    private void WriteSomething()
    {
        var running = database.Running;
        switch (random.Next(12))
        {
            case 0 or 1 when running.Count < 4:
                database.Begin();
                break;
            case 2 or 3 when running.Count > 0:
                database.Commit(running[random.Next(running.Count)]);
                break;
            case 4 or 5:
                var hidden = database.Committed.Where(transaction => !transaction.IsVisible).ToList();
                if (hidden.Count > 0)
                    hidden[random.Next(hidden.Count)].IsVisible = true;
                break;
            case 6:
                database.Flush();
                break;
            case 7 when running.Count > 0 && random.Next(12) == 0:
                database.Truncate(running[random.Next(running.Count)]);
                break;
            case 8 when random.Next(12) == 0:
                database.Rewrite();
                break;
            default:
                if (running.Count > 0)
                    database.Statement(running[random.Next(running.Count)]);
                break;
        }
    }

    /// <summary>The stream's next message, or the next transaction's end.</summary>
    private void Stream()
    {
        if (at.Transaction >= database.Committed.Count || database.Committed[at.Transaction] is not { } transaction
            || transaction.End > database.Flushed)
            return;
        if (at.Change == transaction.Changes.Count)
        {
            at = (at.Transaction + 1, 0, Math.Max(at.Reached, transaction.End));
            return;
        }

        if (published.Exists(sight => sight.Sees(new TransactionMark(transaction.Id))))
            throw new ModelFault("A read came before a change that it saw.");
        var change = transaction.Changes[at.Change++];
        Tell(change);
        Observe(transaction.Id, change);
    }

    private void Tell(ModelChange change)
    {
        if (isStopped)
            return;
        if (change.OldKey is { } old)
            batch.Add(new ModelEvent(Operation.Delete, old, null, null));
        batch.Add(new ModelEvent(change.OldKey is null ? change.Operation : Operation.Create, change.Key, change.Small, change.Big));
    }

    private void Observe(uint transaction, ModelChange change)
    {
        if (flaw == ModelFlaw.TruncateIgnored && change.Operation == Operation.Truncate)
            return;
        var (bytes, columns) = ModelRow.ImageOf(change.Key, change.Small, change.Big);
        var (oldBytes, oldColumns) = ModelRow.ImageOf(change.OldKey ?? change.Key, 0, 0);
        var isDelete = change.Operation == Operation.Delete;
        var hasOld = isDelete || change.OldKey is not null;
        reads.Observe(new SourceChange
        {
            Table = shape,
            Operation = change.Operation,
            Transaction = new TransactionMark(transaction),
            OldImage = hasOld ? OldImage.KeyOnly : OldImage.None,
            Before = hasOld ? new RowImage(oldBytes, oldColumns) : default,
            After = isDelete || change.Operation == Operation.Truncate ? default : new RowImage(bytes, columns),
        });
        if (flaw == (change.OldKey is null ? ModelFlaw.IncompleteForgotten : ModelFlaw.KeyChangeForgotten))
            reads.Find(Table)!.Rereads.Clear();
    }

    private void Keepalive()
    {
        if (at.Change == 0 && (at.Transaction >= database.Committed.Count || database.Committed[at.Transaction].End > database.Flushed))
            at.Reached = Math.Max(at.Reached, database.Flushed);
    }

    private void Pulse() => reads.Pulse(TransactionSnapshot.Parse(database.Snapshot()), database.Inserted);

    private void Append()
    {
        var first = log.Count;
        log.AddRange(batch);
        batch.Clear();
        var notes = reads.TakeNotes();
        bounds.Note(notes.Edges, flaw, first, log);
        checkpoint.Take(notes.Entries);
        durable = at;
        wasStopped = isStopped;
        durableReads = published.Count;
    }

    private void Restart()
    {
        batch.Clear();
        open.Clear();
        at = durable;
        published.RemoveRange(durableReads, published.Count - durableReads);
        reads.Dispose();
        reads = Load();
        isStopped = wasStopped;
        if (isStopped)
            reads.Find(Table)?.Health.Stop(Troubles.Some);
    }

    private TableSnapshots Load() => checkpoint.Load(limits, (key, value) => flaw switch
    {
        ModelFlaw.ListNotKept when key.StartsWith("reread/", StringComparison.Ordinal) => null,
        ModelFlaw.RecentNotKept when key == "recent" => null,
        _ => value,
    }, flaw == ModelFlaw.EdgeIgnored ? new BlindNotes() : null);

    private void EndTransactions()
    {
        foreach (var transaction in database.Running.ToList())
            database.Commit(transaction);
        foreach (var transaction in database.Committed)
            transaction.IsVisible = true;
        database.FlushAll();
    }

    private void SkipBefore(ulong position)
    {
        // What committed before the table joined is not streamed; what runs on is, from its next statement.
        foreach (var transaction in database.Committed.Where(transaction => transaction.End <= position))
            transaction.Changes.Clear();
    }

    private void Finish()
    {
        EndTransactions();
        if (isStopped)
            LoseAndAsk();
        for (var i = 0; i < 3000; i++)
        {
            Append();
            Stream();
            Keepalive();
            Open();
            Advance();
            if (i % 10 == 0)
                Pulse();
            var table = reads.Find(Table)!;
            if (at.Reached == database.Inserted && open.Count == 0 && table.State == TableState.Complete && table.Rereads.Count == 0)
                break;
        }

        Append();
        if (reads.Find(Table)!.State != TableState.Complete)
            throw new ModelFault($"The table is still '{reads.Find(Table)!.State}'.");
        var expected = database.Rows.OrderBy(row => row.Key).Select(row => (row.Key, (int?)row.Small, (int?)row.Big)).ToList();
        var actual = ModelTarget.Fold(log, bounds.Complete).Select(row => (row.Key, row.Value.Small, row.Value.Big)).ToList();
        if (!expected.SequenceEqual(actual))
            throw new ModelFault($"The target has [{string.Join(' ', actual)}], the table [{string.Join(' ', expected)}].");
    }
}

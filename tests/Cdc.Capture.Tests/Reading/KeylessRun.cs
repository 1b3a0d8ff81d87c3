using System.Globalization;
using System.Text;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Publishing;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Reading;

/// <summary>A part of the rule for tables without a key that a run leaves out.</summary>
public enum KeylessFlaw
{
    None,

    /// <summary>Changes are published before the read.</summary>
    NotWithheld,

    /// <summary>Behind the read every transaction counts as one that it did not see.</summary>
    NothingDropped,

    /// <summary>Behind the read every transaction counts as one that it saw.</summary>
    VisibilityIgnored,

    /// <summary>The read counts as passed at once, before the stream is behind all that it saw.</summary>
    PassedEarly,

    /// <summary>The flushed position instead of the inserted one.</summary>
    FlushedPosition,

    /// <summary>What was dropped before and is not visible yet is not looked at.</summary>
    EdgeIgnored,

    /// <summary>The recent transactions are not part of the checkpoint.</summary>
    RecentNotKept,

    /// <summary>No truncate comes before the rows.</summary>
    NotTruncated,

    /// <summary>Where a read begins is noted with its truncate, so behind it.</summary>
    BeginsLate,

    /// <summary>A read that was killed counts as complete.</summary>
    KilledIsComplete,

    /// <summary>The stream continues while the rows are published.</summary>
    NotHeld,
}

/// <summary>
/// The rule for a table without a key, by its real classes, against a simulated database under one random schedule. At the end the folded
/// log must be the table as a multiset, and no removal may find nothing to remove; also from the start of the newest read on, whatever was
/// there before.
/// </summary>
internal sealed class KeylessRun
{
    private static readonly TableId Table = new("public", "t");

    private readonly Random random;
    private readonly KeylessFlaw flaw;
    private readonly KeylessDatabase database;
    private readonly SourceTable shape = new(new TableSchema(Table, [new ColumnSchema("v", "v", new ColumnType.Int64(), "bigint")], []),
        []);
    private readonly ModelCheckpoint checkpoint = new();
    private readonly List<KeylessChange> log = [];
    private readonly List<KeylessChange> batch = [];
    private readonly Queue<int> rows = [];
    private TableSnapshots reads;
    private (string Id, int Begin) bounds = ("", 0);
    private ChunkFacts? held;
    private (int Transaction, int Change, ulong Reached) at;
    private (int Transaction, int Change, ulong Reached) durable;

    private KeylessRun(int seed, KeylessFlaw flaw)
    {
        random = new Random(seed);
        this.flaw = flaw;
        database = new KeylessDatabase(random);
        reads = Load();
    }

    /// <summary>Runs one schedule; answers with what went wrong, or null.</summary>
    public static string? Run(int seed, KeylessFlaw flaw)
    {
        var run = new KeylessRun(seed, flaw);
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
            database.Step();
        database.EndTransactions();
        at = (database.Committed.Count, 0, database.Inserted);
        reads.Add(Table, isJoining: false);
        Append();
        for (var i = random.Next(50, 300); i > 0; i--)
            Step();
        database.EndTransactions();
        for (var i = 0; i < 3000 && !IsOver(); i++)
        {
            Stream();
            Keepalive();
            Read();
            if (i % 10 == 0)
                Pulse();
        }

        Append();
        Check();
    }

    private void Step()
    {
        switch (random.Next(20))
        {
            case < 8:
                database.Step();
                break;
            case < 12:
                Stream();
                break;
            case < 16:
                Read();
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
                Disturb();
                break;
        }
    }

    private void Disturb()
    {
        var table = reads.Find(Table)!;
        if (random.Next(8) == 0)
            Restart();
        else if (random.Next(12) == 0 && held is null)
            Ask(table);
    }

    private void Ask(TableSnapshot table)
    {
        if (random.Next(2) == 0)
            table.Health.Stop(Troubles.Some); // What it is stopped for has passed.
        reads.Ask(table);
    }

    private bool IsHeld => held is not null && flaw != KeylessFlaw.NotHeld;

    private void Stream()
    {
        if (IsHeld || at.Transaction >= database.Committed.Count || database.Committed[at.Transaction] is not { } transaction
            || transaction.End > database.Flushed)
            return;
        if (at.Change == transaction.Changes.Count)
        {
            at = (at.Transaction + 1, 0, Math.Max(at.Reached, transaction.End));
            return;
        }

        var told = transaction.Changes[at.Change++];
        var change = new SourceChange
        {
            Table = shape,
            Operation = told.IsTruncate ? Operation.Truncate : told.Before is null ? Operation.Create : told.After is null
                ? Operation.Delete : Operation.Update,
            Transaction = new TransactionMark(transaction.Id),
            OldImage = OldImage.Full,
        };
        if (!Withholds(change))
            batch.Add(told);
        reads.Observe(change);
    }

    private bool Withholds(in SourceChange change)
    {
        var whole = reads.Find(Table)!.Whole;
        return flaw switch
        {
            KeylessFlaw.NotWithheld when whole is null => false,
            KeylessFlaw.NothingDropped when whole is not null => false,
            KeylessFlaw.VisibilityIgnored when whole is not null => true,
            _ => reads.Keyless.Withholds(change),
        };
    }

    private void Keepalive()
    {
        if (!IsHeld && at.Change == 0
            && (at.Transaction >= database.Committed.Count || database.Committed[at.Transaction].End > database.Flushed))
            at.Reached = Math.Max(at.Reached, database.Flushed);
    }

    /// <summary>What the coordinator does between two transactions.</summary>
    private void Read()
    {
        foreach (var table in reads.ToDescribe().ToList())
            reads.Describe(table, new TableDescription(shape, 1, [], 0));
        if (reads.Keyless.TakePassed(flaw == KeylessFlaw.PassedEarly ? ulong.MaxValue : at.Reached) is not null)
            Append();
        if (held is not null)
            Publish();
        else if (at.Change == 0 && database.CanRead && reads.Keyless.Next(at.Reached) is { } due)
            Begin(due);
    }

    private void Begin(TableSnapshot table)
    {
        var snapshot = TransactionSnapshot.Parse(database.Snapshot());
        var facts = new ChunkFacts(snapshot, flaw == KeylessFlaw.FlushedPosition ? database.Flushed : database.Inserted, 0);
        if (flaw == KeylessFlaw.EdgeIgnored)
            reads.Recent.Forget(TransactionSnapshot.Parse("9000000000:9000000000:"));
        if (!reads.Keyless.TryBegin(table, facts))
            return;
        held = facts;
        foreach (var value in database.Read(snapshot))
            rows.Enqueue(value);
        if (flaw != KeylessFlaw.BeginsLate)
            Append();
        if (flaw != KeylessFlaw.NotTruncated)
            batch.Add(new KeylessChange(null, null));
        if (flaw == KeylessFlaw.BeginsLate)
            Append();
    }

    private void Publish()
    {
        var table = reads.Find(Table)!;
        if (rows.Count == 0)
        {
            reads.Keyless.End(table, held!);
            held = null;
        }

        for (var i = random.Next(1, 10); i > 0 && rows.TryDequeue(out var value); i--)
            batch.Add(new KeylessChange(null, value));
        Append();
    }

    private void Pulse() => reads.Pulse(TransactionSnapshot.Parse(database.Snapshot()), database.Inserted);

    private void Append()
    {
        log.AddRange(batch);
        batch.Clear();
        var notes = reads.TakeNotes();
        foreach (var edge in notes.Edges)
            Note(edge);
        checkpoint.Take(notes.Entries);
        durable = at;
    }

    private void Note(SnapshotEdge edge)
    {
        if (edge.Side == EdgeSide.Begin)
            bounds = (edge.SnapshotId, log.Count);
        else if (bounds.Id != edge.SnapshotId || held is not null)
            throw new ModelFault("A read ended that had not begun, or not ended.");
    }

    private void Restart()
    {
        batch.Clear();
        rows.Clear();
        held = null;
        at = durable;
        reads.Dispose();
        reads = Load();
    }

    private TableSnapshots Load() => checkpoint.Load(ReadLimits.For(1 << 14), (key, value) => flaw switch
    {
        KeylessFlaw.RecentNotKept when key == "recent" => null,
        KeylessFlaw.KilledIsComplete => value.Replace(nameof(TableState.Reading), nameof(TableState.Complete), StringComparison.Ordinal),
        _ => value,
    });

    private bool IsOver() => at.Reached == database.Inserted && held is null && reads.Find(Table)!.State == TableState.Complete;

    private void Check()
    {
        if (reads.Find(Table)!.State != TableState.Complete)
            throw new ModelFault($"The table is still '{reads.Find(Table)!.State}'.");
        Check(log, []);
        Check(log.Skip(bounds.Begin), [int.MinValue]);
    }

    private void Check(IEnumerable<KeylessChange> changes, List<int> target)
    {
        foreach (var change in changes)
        {
            if (change.IsTruncate)
                target.Clear();
            if (change.Before is { } before && !target.Remove(before))
                throw new ModelFault($"A row {before} is removed that is not there.");
            if (change.After is { } after)
                target.Add(after);
        }

        var text = new StringBuilder().AppendJoin(' ', target.Order()).ToString();
        var expected = new StringBuilder().AppendJoin(' ', database.Rows).ToString();
        if (text != expected)
            throw new ModelFault(string.Create(CultureInfo.InvariantCulture, $"The target has [{text}], the table [{expected}]."));
    }
}

using System.Globalization;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Tests.Reading;

/// <summary>A change as the stream tells it: what is null was not sent.</summary>
internal sealed record ModelChange(Operation Operation, int Key, int? OldKey, int? Small, int? Big);

/// <summary>A version of a row; <see cref="Removed"/> is 0 while nobody removed it.</summary>
internal sealed class ModelVersion
{
    public required int Key { get; init; }

    public required int Small { get; init; }

    public required int Big { get; init; }

    public required uint Page { get; set; }

    public required uint Row { get; set; }

    public required uint Created { get; init; }

    public uint Removed { get; set; }
}

/// <summary>A plan by which rows are read.</summary>
internal enum ModelScan
{
    File,
    Index,
}

internal sealed class ModelTransaction
{
    public required uint Id { get; init; }

    public required ulong Number { get; init; }

    public List<ModelChange> Changes { get; } = [];

    public bool HasTable { get; set; }

    public bool HasTableAlone { get; set; }

    /// <summary>Where its commit record ends; 0 while it runs.</summary>
    public ulong End { get; set; }

    public bool IsVisible { get; set; }
}

/// <summary>
/// A database with one table of rows (key, a short column, a long one that is not sent where it did not change), with row locks, versions
/// on pages, commits that are flushed before they are visible or the other way round.
/// </summary>
internal sealed class ModelDatabase(Random random)
{
    private readonly List<ModelVersion> versions = [];
    private ulong next = (1UL << 32) - (ulong)random.Next(3, 40);
    private uint rows;

    public List<ModelTransaction> Running { get; } = [];

    /// <summary>In the order of their commit records.</summary>
    public List<ModelTransaction> Committed { get; } = [];

    public ulong Inserted { get; private set; } = 100;

    public ulong Flushed { get; private set; } = 100;

    public uint FileNode { get; private set; } = 1;

    public bool IsPublished { get; set; } = true;

    public uint Pages => versions.Count == 0 ? 0 : versions.Max(version => version.Page) + 1;

    /// <summary>Nobody holds the whole table.</summary>
    public bool CanRead => !Running.Concat(Committed).Any(transaction => transaction.HasTableAlone && !transaction.IsVisible);

    public IEnumerable<ModelVersion> Rows => versions.Where(version => version.Removed == 0);

    /// <summary>What a read gives, in the order in which its plan comes upon it.</summary>
    public IEnumerable<ModelVersion> Read(TransactionSnapshot snapshot, ModelScan scan) =>
        (scan == ModelScan.Index ? versions.OrderBy(version => version.Key) : OfFile())
        .Where(version => snapshot.Sees(version.Created) && !(version.Removed != 0 && snapshot.Sees(version.Removed)));

    public string Snapshot()
    {
        var running = Running.Concat(Committed).Where(transaction => !transaction.IsVisible).Select(transaction => transaction.Number)
            .Order().ToList();
        var xmin = running.Count > 0 ? running[0] : next;
        return string.Create(CultureInfo.InvariantCulture, $"{xmin}:{next}:{string.Join(',', running)}");
    }

    public void Begin()
    {
        if ((uint)next < 3)
            next += 3;
        Running.Add(new ModelTransaction { Id = (uint)next, Number = next });
        next++;
    }

    public void Flush() => Flushed = Inserted - (ulong)random.Next(0, (int)Math.Min(3, Inserted - Flushed + 1));

    public void FlushAll() => Flushed = Inserted;

    public void Commit(ModelTransaction transaction)
    {
        Inserted += 2;
        transaction.End = Inserted;
        Running.Remove(transaction);
        Committed.Add(transaction);
    }

    public void Statement(ModelTransaction by)
    {
        if (Running.Concat(Committed).Any(other => other != by && other.HasTableAlone && !other.IsVisible))
            return;
        var key = random.Next(0, 12);
        if (IsLocked(key, by))
            return;
        var current = versions.Find(version => version.Key == key && version.Removed == 0);
        by.HasTable = true;
        Inserted++;
        if (current is null)
        {
            Insert(by, key, random.Next(100), random.Next(3) == 0 ? 0 : random.Next(1000, 1_000_000));
            Tell(by, new ModelChange(Operation.Create, key, null, versions[^1].Small, versions[^1].Big));
            return;
        }

        switch (random.Next(6))
        {
            case 0:
                current.Removed = by.Id;
                Tell(by, new ModelChange(Operation.Delete, key, null, null, null));
                break;
            case 1:
                ChangeKey(by, current);
                break;
            default:
                Update(by, current, key, random.Next(4) == 0);
                break;
        }
    }

    public void Truncate(ModelTransaction by)
    {
        if (Others(by).Any(other => other.HasTable))
            return;
        (by.HasTable, by.HasTableAlone) = (true, true);
        versions.Clear();
        FileNode++;
        Inserted++;
        Tell(by, new ModelChange(Operation.Truncate, 0, null, null, null));
    }

    /// <summary>Puts the rows into another file, in another order.</summary>
    public void Rewrite()
    {
        if (Others(null).Any(other => other.HasTable))
            return;
        versions.RemoveAll(version => version.Removed != 0);
        foreach (var version in versions)
            (version.Page, version.Row) = ((uint)random.Next(4), ++rows);
        FileNode++;
    }

    /// <summary>Page by page; on a page they lie in the order in which they came.</summary>
    private IEnumerable<ModelVersion> OfFile()
    {
        for (var page = 0U; page < Pages; page++)
        {
            foreach (var version in versions.Where(version => version.Page == page))
                yield return version;
        }
    }

    private IEnumerable<ModelTransaction> Others(ModelTransaction? by) =>
        Running.Concat(Committed).Where(other => other != by && !other.IsVisible);

    private bool IsLocked(int key, ModelTransaction by)
    {
        HashSet<uint> others = [.. Others(by).Select(other => other.Id)];
        return versions.Exists(version => version.Key == key && (others.Contains(version.Created) || others.Contains(version.Removed)));
    }

    private void Insert(ModelTransaction by, int key, int small, int big, uint? page = null) => versions.Add(new ModelVersion
    {
        Key = key, Small = small, Big = big, Page = page ?? (uint)random.Next(6), Row = ++rows, Created = by.Id,
    });

    private void Update(ModelTransaction by, ModelVersion old, int key, bool changesBig)
    {
        old.Removed = by.Id;
        var big = changesBig ? random.Next(1000, 1_000_000) : old.Big;
        Insert(by, key, random.Next(100), big, random.Next(2) == 0 ? old.Page : null);
        var isSent = changesBig || old.Big == 0;
        Tell(by, new ModelChange(Operation.Update, key, key == old.Key ? null : old.Key, versions[^1].Small, isSent ? big : null));
    }

    private void ChangeKey(ModelTransaction by, ModelVersion old)
    {
        var key = random.Next(0, 12);
        if (key == old.Key || IsLocked(key, by) || versions.Exists(version => version.Key == key && version.Removed == 0))
            return;
        Update(by, old, key, changesBig: false);
    }

    private void Tell(ModelTransaction by, ModelChange change)
    {
        if (IsPublished)
            by.Changes.Add(change);
    }
}

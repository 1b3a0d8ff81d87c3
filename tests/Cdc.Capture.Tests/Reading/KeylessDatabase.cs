using System.Globalization;
using Cdc.Capture.Postgres.Snapshot;

namespace Cdc.Capture.Tests.Reading;

/// <summary>A change as the stream tells it: what goes, and what comes instead.</summary>
internal sealed record KeylessChange(int? Before, int? After)
{
    public bool IsTruncate => Before is null && After is null;
}

/// <summary>
/// A version of a row that is nothing but a small number: many are equal. <see cref="Removed"/> is 0 while nobody removed it.
/// </summary>
internal sealed class KeylessVersion(int value, uint created)
{
    public int Value { get; } = value;

    public uint Created { get; } = created;

    public uint Removed { get; set; }
}

internal sealed class KeylessTransaction(ulong number)
{
    public uint Id => (uint)number;

    public ulong Number => number;

    public List<KeylessChange> Changes { get; } = [];

    public bool HasTableAlone { get; set; }

    /// <summary>Where its commit record ends; 0 while it runs.</summary>
    public ulong End { get; set; }

    public bool IsVisible { get; set; }
}

/// <summary>
/// A database with one table without a key: row locks, commits that are flushed before they are visible or the other way round.
/// </summary>
internal sealed class KeylessDatabase(Random random)
{
    private readonly List<KeylessVersion> versions = [];
    private ulong next = (1UL << 32) - (ulong)random.Next(3, 40);

    public List<KeylessTransaction> Running { get; } = [];

    /// <summary>In the order of their commit records.</summary>
    public List<KeylessTransaction> Committed { get; } = [];

    public ulong Inserted { get; private set; } = 100;

    public ulong Flushed { get; private set; } = 100;

    public bool CanRead => !Others(null).Any(transaction => transaction.HasTableAlone);

    public IEnumerable<int> Rows => versions.Where(version => version.Removed == 0).Select(version => version.Value).Order();

    public IEnumerable<int> Read(TransactionSnapshot snapshot) => versions
        .Where(version => snapshot.Sees(version.Created) && !(version.Removed != 0 && snapshot.Sees(version.Removed)))
        .Select(version => version.Value);

    public string Snapshot()
    {
        var running = Others(null).Select(transaction => transaction.Number).Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{(running.Count > 0 ? running[0] : next)}:{next}:{string.Join(',', running)}");
    }

    /// <summary>Something happens: a statement, a commit, what was committed becomes visible, the log is flushed.</summary>
    public void Step()
    {
        switch (random.Next(12))
        {
            case 0 or 1 when Running.Count < 4:
                Begin();
                break;
            case 2 or 3 when Running.Count > 0:
                Commit(Running[random.Next(Running.Count)]);
                break;
            case 4 or 5:
                if (Committed.Find(transaction => !transaction.IsVisible) is { } hidden)
                    hidden.IsVisible = true;
                break;
            case 6:
                Flushed = Inserted - (ulong)random.Next(0, (int)Math.Min(3, Inserted - Flushed + 1));
                break;
            default:
                if (Running.Count > 0)
                    Statement(Running[random.Next(Running.Count)]);
                break;
        }
    }

    public void EndTransactions()
    {
        foreach (var transaction in Running.ToList())
            Commit(transaction);
        foreach (var transaction in Committed)
            transaction.IsVisible = true;
        Flushed = Inserted;
    }

    private void Begin()
    {
        if ((uint)next < 3)
            next += 3;
        Running.Add(new KeylessTransaction(next++));
    }

    private void Commit(KeylessTransaction transaction)
    {
        Inserted += 2;
        transaction.End = Inserted;
        Running.Remove(transaction);
        Committed.Add(transaction);
    }

    private IEnumerable<KeylessTransaction> Others(KeylessTransaction? by) =>
        Running.Concat(Committed).Where(other => other != by && !other.IsVisible);

    private void Statement(KeylessTransaction by)
    {
        var others = Others(by).ToList();
        if (others.Exists(other => other.HasTableAlone))
            return;
        Inserted++;
        if (random.Next(30) == 0 && !others.Exists(other => other.Changes.Count > 0))
        {
            by.HasTableAlone = true;
            versions.Clear();
            by.Changes.Add(new KeylessChange(null, null));
            return;
        }

        // What another running transaction made is not seen, what it removed is locked.
        HashSet<uint> hidden = [.. others.Select(other => other.Id)];
        var rows = versions.Where(version => version.Removed == 0 && !hidden.Contains(version.Created)).ToList();
        var old = rows.Count > 0 && random.Next(3) > 0 ? rows[random.Next(rows.Count)] : null;
        int? after = old is null || random.Next(2) == 0 ? random.Next(4) : null;
        if (old is not null)
            old.Removed = by.Id;
        if (after is { } value)
            versions.Add(new KeylessVersion(value, by.Id));
        by.Changes.Add(new KeylessChange(old?.Value, after));
    }
}

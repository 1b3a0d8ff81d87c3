namespace Cdc.Sink.Batching;

/// <summary>
/// The memory that one sink keeps for batches to come, whichever tables they will be of: so many bytes with what is in use, however many
/// tables there are (Invariant 7). What is in use is bounded by what a batch may hold. Safe for several threads.
/// </summary>
/// <param name="mostBytes">What is kept and what batches use, together: what would be more is let go.</param>
public sealed class BatchPool(long mostBytes)
{
    private readonly Lock gate = new();
    private readonly List<BatchStorage> idle = [];
    private readonly HashSet<BatchStorage> lent = [];

    /// <summary>Memory that is kept and not in use, in bytes.</summary>
    public long IdleBytes { get; private set; }

    /// <summary>An empty storage: one that will do without growing where there is such, else the largest.</summary>
    /// <param name="usualBytes">How much the table's rows took last.</param>
    public BatchStorage Take(long usualBytes)
    {
        lock (gate)
        {
            var storage = idle.Count == 0 ? new BatchStorage() : TakeIdle(Math.Min(FindAtLeast(usualBytes), idle.Count - 1));
            lent.Add(storage);
            return storage;
        }
    }

    /// <summary>Takes storages back that nobody looks into any more.</summary>
    public void Give(IReadOnlyCollection<BatchStorage> storages)
    {
        lock (gate)
        {
            lent.ExceptWith(storages);
            var used = lent.Sum(storage => storage.Capacity);
            foreach (var storage in storages)
            {
                storage.Clear();
                if (used + IdleBytes + storage.Capacity <= mostBytes)
                    Keep(storage);
                else
                    storage.Dispose();
            }
        }
    }

    private BatchStorage TakeIdle(int at)
    {
        var storage = idle[at];
        idle.RemoveAt(at);
        IdleBytes -= storage.Capacity;
        return storage;
    }

    private void Keep(BatchStorage storage)
    {
        idle.Insert(FindAtLeast(storage.Capacity), storage);
        IdleBytes += storage.Capacity;
    }

    /// <summary>The number of the first one of at least this size; they lie in order of their sizes.</summary>
    private int FindAtLeast(long bytes)
    {
        var (low, high) = (0, idle.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (idle[middle].Capacity < bytes)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

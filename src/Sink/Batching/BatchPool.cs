namespace Cdc.Sink.Batching;

/// <summary>
/// The memory that one sink keeps for batches to come, whichever tables they will be of: so many bytes, however many tables there are
/// (Invariant 7). What is in use is bounded by what a batch may hold. Safe for several threads.
/// </summary>
/// <param name="keptBytes">What is kept while no batch uses it.</param>
public sealed class BatchPool(long keptBytes)
{
    private readonly Lock gate = new();
    private readonly List<BatchStorage> idle = [];

    /// <summary>Memory that is kept and not in use, in bytes.</summary>
    public long IdleBytes { get; private set; }

    /// <summary>An empty storage: one that will do without growing where there is such, else the largest.</summary>
    /// <param name="usualBytes">How much the table's rows took last.</param>
    public BatchStorage Take(long usualBytes)
    {
        lock (gate)
        {
            if (idle.Count == 0)
                return new BatchStorage();
            var at = Math.Min(FindAtLeast(usualBytes), idle.Count - 1);
            var storage = idle[at];
            idle.RemoveAt(at);
            IdleBytes -= storage.Capacity;
            return storage;
        }
    }

    /// <summary>Takes a storage back that nobody looks into any more.</summary>
    public void Give(BatchStorage storage)
    {
        storage.Clear();
        lock (gate)
        {
            if (IdleBytes + storage.Capacity <= keptBytes)
            {
                idle.Insert(FindAtLeast(storage.Capacity), storage);
                IdleBytes += storage.Capacity;
                return;
            }
        }

        storage.Dispose();
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

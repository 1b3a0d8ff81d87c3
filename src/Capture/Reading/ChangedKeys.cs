using Cdc.Capture.Sources;
using Cdc.Contracts.Buffers;

namespace Cdc.Capture.Reading;

/// <summary>
/// Keys of changed rows with the transactions that changed them, in one run of bytes: nothing is allocated for a change. Bounded in bytes
/// (Invariant 7).
/// </summary>
internal sealed class ChangedKeys(int maxBytes) : IDisposable
{
    private const int EntryBytes = 32;

    private readonly PooledBuffer bytes = new(1 << 10);
    private Entry[] entries = new Entry[32];
    private int[] buckets = new int[64];

    public int Count { get; private set; }

    /// <summary>Adds a change of a key; false where there is no room for it.</summary>
    /// <param name="carried">Bitmap of the columns that the change carried; empty where that is the whole row, or it is gone.</param>
    public bool TryAdd(ReadOnlySpan<byte> key, TransactionMark transaction, ReadOnlySpan<byte> carried)
    {
        var keyAt = -1;
        for (var i = First(key); i >= 0; i = Next(i, key))
        {
            keyAt = entries[i].KeyAt;
            if (entries[i].Transaction == transaction)
            {
                Merge(ref entries[i], carried);
                return true;
            }
        }

        if (bytes.Length + (Count + 1) * EntryBytes + key.Length + carried.Length > maxBytes)
            return false;
        Grow();
        var entry = new Entry
        {
            Hash = Hash(key), KeyAt = keyAt, KeyLength = key.Length, Transaction = transaction, CarriedLength = carried.Length,
        };
        if (keyAt < 0)
            entry.KeyAt = Write(key);
        entry.CarriedAt = Write(carried);
        Link(ref entry, Count);
        entries[Count++] = entry;
        return true;
    }

    /// <summary>The first change of a key, or -1.</summary>
    public int First(ReadOnlySpan<byte> key) => Count == 0 ? -1 : Find(buckets[Hash(key) & (buckets.Length - 1)] - 1, key);

    /// <summary>The next change of the same key, or -1.</summary>
    public int Next(int change, ReadOnlySpan<byte> key) => Find(entries[change].Next, key);

    public TransactionMark TransactionOf(int change) => entries[change].Transaction;

    /// <summary>Empty: the change carried the whole row, or removed it.</summary>
    public ReadOnlySpan<byte> CarriedBy(int change) => bytes.WrittenSpan.Slice(entries[change].CarriedAt, entries[change].CarriedLength);

    public void Dispose() => bytes.Dispose();

    private static int Hash(ReadOnlySpan<byte> key)
    {
        var hash = default(HashCode);
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    private int Find(int from, ReadOnlySpan<byte> key)
    {
        var at = from;
        while (at >= 0 && !bytes.WrittenSpan.Slice(entries[at].KeyAt, entries[at].KeyLength).SequenceEqual(key))
            at = entries[at].Next;
        return at;
    }

    /// <summary>Another change of the same row by the same transaction: together they carried what either did.</summary>
    private void Merge(ref Entry entry, ReadOnlySpan<byte> carried)
    {
        if (carried.IsEmpty)
            entry.CarriedLength = 0;
        var known = bytes.Slice(entry.CarriedAt, entry.CarriedLength);
        for (var i = 0; i < known.Length; i++)
            known[i] |= carried[i];
    }

    private int Write(ReadOnlySpan<byte> text)
    {
        var at = bytes.Length;
        bytes.Write(text);
        return at;
    }

    private void Link(ref Entry entry, int number)
    {
        ref var bucket = ref buckets[entry.Hash & (buckets.Length - 1)];
        entry.Next = bucket - 1;
        bucket = number + 1;
    }

    private void Grow()
    {
        if (Count < entries.Length)
            return;
        Array.Resize(ref entries, entries.Length * 2);
        buckets = new int[buckets.Length * 2];
        for (var i = 0; i < Count; i++)
            Link(ref entries[i], i);
    }

    private struct Entry
    {
        public int Hash;
        public int Next;
        public int KeyAt;
        public int KeyLength;
        public TransactionMark Transaction;
        public int CarriedAt;
        public int CarriedLength;
    }
}

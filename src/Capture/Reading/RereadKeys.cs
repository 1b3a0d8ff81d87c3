using System.Diagnostics.CodeAnalysis;

namespace Cdc.Capture.Reading;

/// <summary>
/// Keys of a table whose rows must be read again, because a change came without all its columns. Bounded in keys and bytes; what changed
/// since the last append goes into the next one.
/// </summary>
public sealed class RereadKeys(int maxKeys, int maxBytes)
{
    private readonly Dictionary<byte[], Listing> listings = new(KeyComparer.Instance);
    private readonly HashSet<byte[]> news = new(KeyComparer.Instance);
    private int bytes;

    public int Count => listings.Count;

    /// <summary>How many of them the table's snapshot waits for.</summary>
    public int OfSnapshot { get; private set; }

    public bool HasNews => news.Count > 0;

    /// <summary>Puts a key on the list; false where the list is full.</summary>
    /// <param name="key">The key's text.</param>
    /// <param name="at">The number of the change that asks for it.</param>
    /// <param name="ofSnapshot">The table's snapshot is not complete without it.</param>
    public bool TryAdd(ReadOnlySpan<byte> key, long at, bool ofSnapshot)
    {
        var lookup = listings.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(key, out var known))
        {
            lookup[key] = new Listing(at, known.OfSnapshot || ofSnapshot);
            OfSnapshot += ofSnapshot && !known.OfSnapshot ? 1 : 0;
            return true;
        }

        if (listings.Count >= maxKeys || bytes + key.Length > maxBytes)
            return false;
        lookup[key] = new Listing(at, ofSnapshot);
        OfSnapshot += ofSnapshot ? 1 : 0;
        bytes += key.Length;
        news.GetAlternateLookup<ReadOnlySpan<byte>>().Add(key);
        return true;
    }

    public void Remove(ReadOnlySpan<byte> key)
    {
        if (!listings.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(key, out var kept, out var listing))
            return;
        OfSnapshot -= listing.OfSnapshot ? 1 : 0;
        bytes -= key.Length;
        news.Add(kept);
    }

    /// <summary>Removes a key that was read, unless a change behind <paramref name="at"/> asked for it once more.</summary>
    public void RemoveUpTo(byte[] key, long at)
    {
        if (listings.TryGetValue(key, out var listing) && listing.At <= at)
            Remove(key);
    }

    public void Clear()
    {
        news.UnionWith(listings.Keys);
        listings.Clear();
        (OfSnapshot, bytes) = (0, 0);
    }

    /// <summary>Some of the keys, at least one where there is any.</summary>
    public IReadOnlyList<byte[]> Some(int count) => [.. listings.Keys.Take(Math.Max(1, count))];

    public bool TryGet(byte[] key, out bool ofSnapshot)
    {
        var found = listings.TryGetValue(key, out var listing);
        ofSnapshot = listing.OfSnapshot;
        return found;
    }

    /// <summary>Keys that came onto or off the list since the last call.</summary>
    public IReadOnlyList<byte[]> TakeNews()
    {
        IReadOnlyList<byte[]> taken = [.. news];
        news.Clear();
        return taken;
    }

    private readonly record struct Listing(long At, bool OfSnapshot);

    private sealed class KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}

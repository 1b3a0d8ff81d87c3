namespace Cdc.Contracts.Topics;

/// <summary>One record as spans of a block; valid as long as the block.</summary>
public readonly ref struct RecordView
{
    private readonly ReadOnlySpan<byte> headers;

    internal RecordView(int slot, ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, bool hasValue, ReadOnlySpan<byte> headers)
    {
        Slot = slot;
        Key = key;
        HasKey = hasKey;
        Value = value;
        HasValue = hasValue;
        this.headers = headers;
    }

    /// <summary>The partition, by its number in the block's table.</summary>
    public int Slot { get; }

    public bool HasKey { get; }

    public ReadOnlySpan<byte> Key { get; }

    /// <summary>False for a tombstone.</summary>
    public bool HasValue { get; }

    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The value of a header; false where the record has none of that name.</summary>
    public bool TryGetHeader(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (var at = 0; at < headers.Length;)
        {
            var found = RecordLayout.ReadField(headers, ref at, out _).SequenceEqual(name);
            value = RecordLayout.ReadField(headers, ref at, out _);
            if (found)
                return true;
        }

        value = default;
        return false;
    }
}

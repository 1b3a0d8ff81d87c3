namespace Cdc.Capture;

/// <summary>Where a source's log ended at some moment: opaque, for asking whether capture has got so far.</summary>
public readonly record struct SourceEnd
{
    internal SourceEnd(ulong value) => Value = value;

    internal ulong Value { get; }
}

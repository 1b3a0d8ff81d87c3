namespace Cdc.Contracts.Events;

/// <summary>
/// One event of a table as its reader sees it: a view of the record's bytes and of the decoder that made it, valid until the decoder's
/// next event.
/// </summary>
public readonly ref struct ChangeEvent
{
    public Operation Operation { get; init; }

    /// <summary>The row before the change, so far as the source tells: whole, its key columns only, or empty.</summary>
    public RowImage Before { get; init; }

    /// <summary>The row after the change, or as it was read; empty after a delete or truncate.</summary>
    public RowImage After { get; init; }

    /// <summary>When the source committed the change, or read the row, in microseconds since 1970.</summary>
    public long CommittedAt { get; init; }

    /// <summary>The source's name, which is its topics' prefix, UTF-8.</summary>
    public ReadOnlySpan<byte> Source { get; init; }

    /// <summary>The source's database, UTF-8.</summary>
    public ReadOnlySpan<byte> Database { get; init; }

    /// <summary>The source's schema of the table, UTF-8 (where a database has no schemas: the database).</summary>
    public ReadOnlySpan<byte> Schema { get; init; }

    /// <summary>The source's name of the table, UTF-8.</summary>
    public ReadOnlySpan<byte> Table { get; init; }

    /// <summary>The id of the snapshot that read the row, UTF-8; empty for a change.</summary>
    public ReadOnlySpan<byte> Snapshot { get; init; }

    /// <summary>
    /// Why that snapshot was made, UTF-8: <c>first</c>, <c>gap</c> (<c>repair</c> in older records), <c>recheck</c>, <c>consumer</c>,
    /// <c>key</c>; empty for a change.
    /// </summary>
    public ReadOnlySpan<byte> Reason { get; init; }
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Sources;

/// <summary>What of the old row came with a change.</summary>
public enum OldImage : byte
{
    None,

    /// <summary>Key columns only, the others are null.</summary>
    KeyOnly,
    Full,
}

/// <summary>One change of one table, as views of the source's buffer: valid until the source is asked for the next one.</summary>
public readonly ref struct SourceChange
{
    public required SourceTable Table { get; init; }

    public required Operation Operation { get; init; }

    /// <summary>The source's transaction; none for a row that was read.</summary>
    public TransactionMark Transaction { get; init; }

    public OldImage OldImage { get; init; }

    /// <summary>The old row, as far as <see cref="OldImage"/> says.</summary>
    public RowImage Before { get; init; }

    /// <summary>The new row; empty for a delete and a truncate.</summary>
    public RowImage After { get; init; }

    /// <summary>Set for a row that was read, null for a change.</summary>
    public SnapshotOrigin? Reading { get; init; }

    /// <summary>Why the rows cannot be handed out, which stops the table; null where they are there.</summary>
    public CdcException? Refusal { get; init; }

    /// <summary>More events of the same message follow: an append must not end here.</summary>
    public bool HasMore { get; init; }

    /// <summary>Whether an update gave the row another key.</summary>
    public bool ChangesKey()
    {
        if (OldImage == OldImage.None)
            return false;
        foreach (var column in Table.Schema.Key)
        {
            if (!Before.Bytes(column).SequenceEqual(After.Bytes(column)) && After.State(column) != ColumnState.Unchanged)
                return true;
        }

        return false;
    }
}

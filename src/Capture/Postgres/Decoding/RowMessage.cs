using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>How much of the row as it was the server sent.</summary>
public enum OldImageKind : byte
{
    /// <summary>None: no column of the replica identity changed.</summary>
    None = 0,

    /// <summary>The columns of the replica identity; all others are <see cref="ColumnState.Null"/> whatever they were.</summary>
    Key = (byte)'K',

    /// <summary>All columns.</summary>
    Full = (byte)'O',
}

/// <summary>
/// A changed row, in place: valid until the decoder's next row or the next <see cref="Replication.ReplicationConnection.FillAsync"/>.
/// Images have one column for each of the relation's.
/// </summary>
public readonly ref struct RowMessage
{
    internal RowMessage(Operation operation, uint relationId, OldImageKind oldKind, RowImage old, RowImage @new)
    {
        Operation = operation;
        RelationId = relationId;
        OldKind = oldKind;
        Old = old;
        New = @new;
    }

    /// <summary><see cref="Operation.Create"/>, <see cref="Operation.Update"/> or <see cref="Operation.Delete"/>.</summary>
    public Operation Operation { get; }

    /// <summary>The table, as a <see cref="RelationMessage"/> before it named it.</summary>
    public uint RelationId { get; }

    public OldImageKind OldKind { get; }

    /// <summary>The row as it was, as far as <see cref="OldKind"/> says.</summary>
    public RowImage Old { get; }

    /// <summary>The row as it is; empty for a delete.</summary>
    public RowImage New { get; }
}

using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>What identifies a row in old images; the values are those of <c>pg_class.relreplident</c>.</summary>
public enum ReplicaIdentity : byte
{
    /// <summary>The primary key, where there is one.</summary>
    Default = (byte)'d',

    /// <summary>Nothing.</summary>
    Nothing = (byte)'n',

    /// <summary>All columns.</summary>
    Full = (byte)'f',

    /// <summary>The columns of one unique index.</summary>
    Index = (byte)'i',
}

/// <summary>One published column.</summary>
/// <param name="IsKey">Whether it belongs to the replica identity; with <see cref="ReplicaIdentity.Full"/> all columns do.</param>
/// <param name="Name">The column's name.</param>
/// <param name="TypeId">OID of its type.</param>
/// <param name="TypeModifier"><c>atttypmod</c>; -1 is none.</param>
public sealed record RelationColumn(bool IsKey, string Name, uint TypeId, int TypeModifier);

/// <summary>How a table looks from here on; sent ahead of its first change in a session and again after each change of the table.</summary>
/// <param name="RelationId">OID, which row messages name.</param>
/// <param name="Schema">The schema it is in.</param>
/// <param name="Name">The table's name.</param>
/// <param name="Identity">What old images hold.</param>
/// <param name="Columns">In the order of the row messages' values.</param>
public sealed record RelationMessage(
    uint RelationId, string Schema, string Name, ReplicaIdentity Identity, IReadOnlyList<RelationColumn> Columns)
{
    /// <summary>Flags, an empty name's end, type and modifier.</summary>
    private const int LeastColumnBytes = 10;

    /// <summary>Both names.</summary>
    public TableId Table => new(Schema, Name);

    /// <summary>The same under another name.</summary>
    public RelationMessage Named(TableId name) => name == Table ? this : this with { Schema = name.Schema, Name = name.Name };

    public static RelationMessage Decode(ReadOnlySpan<byte> payload, Lsn walStart)
    {
        var cursor = new MessageCursor(payload, walStart, MessageKind.Relation);
        var relationId = cursor.ReadUInt32();
        var schema = SchemaOf(cursor.ReadString());
        var name = cursor.ReadString();
        var identity = (ReplicaIdentity)cursor.ReadByte();
        if (identity is not (ReplicaIdentity.Default or ReplicaIdentity.Nothing or ReplicaIdentity.Full or ReplicaIdentity.Index))
            cursor.Fail($"the replica identity '0x{(byte)identity:X2}'");
        var columns = new RelationColumn[cursor.Counted(cursor.ReadUInt16(), LeastColumnBytes)];
        for (var i = 0; i < columns.Length; i++)
        {
            var flags = cursor.ReadByte();
            if (flags > 1)
                cursor.Fail($"the column flags '0x{flags:X2}', of which only '1' is known");
            columns[i] = new RelationColumn(flags == 1, cursor.ReadString(), cursor.ReadUInt32(), cursor.ReadInt32());
        }

        cursor.End();
        return new RelationMessage(relationId, schema, name, identity, columns);
    }

    /// <summary>The server leaves the name of <c>pg_catalog</c> out.</summary>
    internal static string SchemaOf(string sent) => sent.Length == 0 ? "pg_catalog" : sent;
}

using System.Collections.Immutable;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers.Postgres.Sql;

/// <summary>A unique index of a target's table that holds for every row.</summary>
/// <param name="Name">In the table's schema.</param>
/// <param name="Constraint">The primary key or unique constraint that it is of; null for none.</param>
/// <param name="Columns">Sorted by name.</param>
/// <param name="IsOurs">We made it, so that we may remove it.</param>
internal sealed record UniqueIndex(string Name, string? Constraint, ImmutableArray<string> Columns, bool IsOurs);

/// <summary>Making and removing what keeps a key unique.</summary>
internal static class KeyStatements
{
    /// <summary>The comment by which we know an index of ours again.</summary>
    public const string Mark = "cdc: the key of the source's table";

    /// <summary>Its columns may be null in rows of before: those are read again.</summary>
    public static string Create(TargetName table, IEnumerable<string> key) =>
        $"CREATE UNIQUE INDEX ON {Identifiers.Quote(table)} ({List(key)})";

    public static string MarkAsOurs(TargetName table, UniqueIndex index) =>
        $"COMMENT ON INDEX {Name(table, index)} IS {Identifiers.Literal(Mark)}";

    /// <summary>Removes an index, and that its columns must not be null: in a row under another key they may be.</summary>
    public static string Drop(TargetName table, UniqueIndex index) =>
        (index.Constraint is { } constraint ? $"ALTER TABLE {Identifiers.Quote(table)} DROP CONSTRAINT {Identifiers.Quote(constraint)}"
            : $"DROP INDEX {Name(table, index)}")
        + "; ALTER " +
            $"TABLE {Identifiers.Quote(table)} {string.Join(", ", index.Columns.Select(column => "ALTER " +
                $"COLUMN {Identifiers.Quote(column)} DROP NOT NULL"))}";

    /// <summary>
    /// Of rows that cannot be told apart by a key, removes those of before a gap: the re-read that is under way brings them again
    /// (Invariant 6).
    /// </summary>
    public static string RemoveEqual(TargetName table, IReadOnlyCollection<string> key, MetadataColumns metadata) =>
        $"DELETE FROM {Identifiers.Quote(table)} WHERE {metadata.Offset} = -1 " +
        $"AND ({List(key)}) IN (SELECT {List(key)} FROM {Identifiers.Quote(table)} GROUP BY {List(key)} HAVING count(*) > 1)";

    private static string Name(TargetName table, UniqueIndex index) => $"{Identifiers.Quote(table.Schema)}.{Identifiers.Quote(index.Name)}";

    private static string List(IEnumerable<string> columns) => string.Join(", ", columns.Select(Identifiers.Quote));
}

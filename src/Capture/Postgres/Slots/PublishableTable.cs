using System.Collections.Immutable;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>A table that could be in a publication.</summary>
/// <param name="Id">Its name; of a partitioned one the topmost.</param>
/// <param name="IsPartitioned">Its rows are in other tables.</param>
/// <param name="Unidentified">
/// Itself and those of its partitions, quoted, whose updates and deletes would fail once they are published. What is in force for a row is
/// its partition's own identity.
/// </param>
internal sealed record PublishableTable(TableId Id, bool IsPartitioned, ImmutableArray<string> Unidentified)
{
    /// <summary>
    /// The first version that refuses updates and deletes of a table whose whole old row is its identity, while a generated column of it is
    /// not published.
    /// </summary>
    public const int RefusesUnpublished = 18;

    /// <summary>The kinds of its generated columns (<c>s</c> stored, <c>v</c> virtual), where the whole old row is its identity.</summary>
    public ImmutableArray<string> GeneratedInIdentity { get; init; } = [];

    /// <summary>Reads the catalog's own tables only, so it waits for nobody's lock.</summary>
    private const string Sql = """
        SELECT n.nspname::text, c.relname::text, c.relkind = 'p',
               ARRAY(
                   WITH RECURSIVE tree(oid) AS (
                       SELECT c.oid
                       UNION ALL
                       SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_class k ON k.oid = tree.oid AND k.relkind = 'p'
                           JOIN pg_catalog.pg_inherits i ON i.inhparent = k.oid)
                   SELECT pg_catalog.format('%I.%I', ln.nspname, l.relname)
                   FROM tree JOIN pg_catalog.pg_class l ON l.oid = tree.oid AND (l.relkind = 'r' OR l.oid = c.oid)
                       JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
                   WHERE l.relreplident <> 'f' AND NOT EXISTS (
                       SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
                         AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'n' THEN false ELSE i.indisprimary END)
                   ORDER BY 1),
               ARRAY(
                   SELECT DISTINCT a.attgenerated::text FROM pg_catalog.pg_attribute a
                   WHERE a.attrelid = c.oid AND c.relreplident = 'f' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> '')
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relpersistence = 'p' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname <> 'information_schema'
            AND n.nspname NOT LIKE 'pg\_%'
        ORDER BY n.nspname, c.relname
        """;

    /// <summary>The selected ones, by name.</summary>
    public static async Task<ImmutableArray<PublishableTable>> ReadAsync(
        NpgsqlConnection session, TableSelection selection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = ImmutableArray.CreateBuilder<PublishableTable>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = new TableId(reader.GetString(0), reader.GetString(1));
            if (selection.Includes(id.ToString()))
                tables.Add(new PublishableTable(id, reader.GetBoolean(2),
                    [.. reader.GetFieldValue<string[]>(3)]) { GeneratedInIdentity = [.. reader.GetFieldValue<string[]>(4)] });
        }

        return tables.ToImmutable();
    }
}

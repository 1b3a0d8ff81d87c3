using System.Collections.Immutable;
using System.Globalization;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>Whether the selected tables can be read and followed.</summary>
public static class TableRules
{
    /// <summary>Whether updates and deletes of the table name their row.</summary>
    public static bool IsIdentified(CatalogTable table) => table.Key.Length > 0 || table.Identity == ReplicaIdentity.Full;

    public static IEnumerable<Finding> Judge(
        ImmutableArray<CatalogTable> tables, SourceRights rights, SourcePublication? publication, IReadOnlyList<string> patterns,
        string topicPrefix,
        TopicSpelling spelling = TopicSpelling.Escaped)
    {
        foreach (var pattern in patterns.Where(pattern => !pattern.StartsWith('!')))
        {
            if (!tables.Any(table => new TablePattern(pattern).Matches(table.Id.ToString())))
                yield return Finding.Warning("tables", $"pattern '{pattern}' matches no table",
                    "Correct it: the whole name, 'schema.table', in the source's spelling.");
        }

        yield return tables.IsEmpty
            ? Finding.Warning("tables", "none is selected", "Look at 'tables' of the source.")
            : Finding.Good("tables",
                $"{tables.Length.ToString(CultureInfo.InvariantCulture)} selected{About(tables.Sum(table => table.EstimatedRows))}");
        foreach (var finding in tables.SelectMany(table => Judge(table, rights).Concat(Unpublished(table, publication))))
            yield return finding;
        foreach (var same in tables.Select(table => table.Id)
            .GroupBy(table => TopicNaming.TopicOf(topicPrefix, table, spelling), StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return Finding.Fault("tables",
                $"{string.Join(" and ", same.Select(table => $"'{table}'"))} would share the topic '{same.Key}'",
                "Set 'topics: { naming: escaped }': tables that have no topic yet get names of their own; or rename all but one of them.",
                ErrorCodes.TopicShared);
        }
    }

    /// <summary>Whether one table can be read and followed.</summary>
    public static IEnumerable<Finding> Judge(CatalogTable table, SourceRights rights)
    {
        var subject = $"table '{table.Id}'";
        if (!IsIdentified(table))
        {
            yield return Finding.Fault(subject,
                "nothing identifies its rows, so it is left out: if it were published, its own updates would fail",
                $"ALTER TABLE {Qualified(table.Id)} ADD PRIMARY KEY (…); -- or REPLICA IDENTITY USING INDEX …; or REPLICA IDENTITY FULL;");
        }

        foreach (var leaf in table.Leaves.Where(leaf => leaf.Identity == ReplicaIdentity.Nothing))
        {
            yield return Finding.Fault(subject, $"its partition '{leaf.Id}' has REPLICA IDENTITY NOTHING",
                $"ALTER TABLE {Qualified(leaf.Id)} REPLICA IDENTITY DEFAULT;");
        }

        foreach (var leaf in table.Leaves.Where(leaf => leaf.FileNode == 0))
            yield return Finding.Warning(subject,
                $"its partition '{leaf.Id}' is a foreign table: its changes are not in this server's log");

        if (rights.Tables.GetValueOrDefault(table.Id) is { } right)
        {
            if (!right.MayRead)
            {
                yield return Finding.Fault(subject, $"role '{rights.Role}' may not read it",
                    "GRANT USAGE ON " +
                    $"SCHEMA {ReplicationCommands.Identifier(table.Id.Schema)} TO {ReplicationCommands.Identifier(rights.Role)}; GRANT " +
                    $"SELECT ON {Qualified(table.Id)} TO {ReplicationCommands.Identifier(rights.Role)};",
                    ErrorCodes.SourceRightMissing);
            }
            else if (right.IsRestricted)
            {
                yield return Finding.Fault(subject, $"row security hides rows of it from role '{rights.Role}'",
                    $"ALTER ROLE {ReplicationCommands.Identifier(rights.Role)} BYPASSRLS;", ErrorCodes.SourceRightMissing);
            }
        }
    }

    private static IEnumerable<Finding> Unpublished(CatalogTable table, SourcePublication? publication)
    {
        var published = publication?.Tables.FirstOrDefault(published => published.Id == table.Id)?.Columns ?? [];
        var missing = table.GeneratedColumns.Select(column => column.Name).Where(name => !published.Contains(name, StringComparer.Ordinal))
            .ToList();
        if (missing.Count > 0)
            yield return Finding.Warning($"table '{table.Id}'",
                $"generated columns are not published: {string.Join(", ", missing.Select(name => $"'{name}'"))}");
    }

    // A server that never looked does not know.
    private static string About(long rows) => rows > 0 ? string.Create(CultureInfo.InvariantCulture, $", about {rows:#,0} rows") : "";

    private static string Qualified(TableId table) =>
        $"{ReplicationCommands.Identifier(table.Schema)}.{ReplicationCommands.Identifier(table.Name)}";
}

using System.Collections.Immutable;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Npgsql;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>What a look at a source found.</summary>
/// <param name="Findings">In the order in which one would mend them.</param>
/// <param name="SystemIdentifier">The cluster's number; empty where the source did not answer.</param>
/// <param name="Tables">The selected tables.</param>
public sealed record CheckedSource(ImmutableArray<Finding> Findings, string SystemIdentifier, ImmutableArray<TableId> Tables)
{
    /// <summary>What was found of each of them, by name; empty where the source did not answer.</summary>
    public ImmutableArray<CheckedTable> Found { get; init; } = [];
}

/// <summary>One table of a source.</summary>
/// <param name="Id">Schema and name.</param>
/// <param name="Rows">As the server estimates; 0 where it never did.</param>
/// <param name="Bytes">On its disk, long values included.</param>
/// <param name="Key">Names of the key's columns; empty where there is none.</param>
/// <param name="Faults">What keeps it from being captured, each with the statement that mends it.</param>
public sealed record CheckedTable(TableId Id, long Rows, long Bytes, ImmutableArray<string> Key, ImmutableArray<Finding> Faults)
{
    /// <summary>The table as its events will describe it; null where nothing of it is sent, or not its whole key.</summary>
    public TableSchema? Shape { get; init; }
}

/// <summary>Looks whether a source can be captured from: everything that is wrong, at once. It writes nothing there.</summary>
public static class SourceCheck
{
    private const string Connection = "connection";

    public static async Task<CheckedSource> RunAsync(CaptureOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        try
        {
            await using var session = await SourceSession.OpenAsync(options.Postgres, cancellationToken);
            findings.Add(Finding.Good(Connection, $"'{options.Postgres.User}' at {options.Postgres.Host}:{options.Postgres.Port}"));
            var facts = await SourceFactsReader.ReadAsync(session, cancellationToken);
            var tables = await new CatalogReader(session, new TypeCatalog())
                .ReadTablesAsync(TableSelection.OfSource(options.Tables), PartitionedTables.AsRoot, cancellationToken);
            var rights = await SourceRightsReader.ReadAsync(session, options.Postgres.Publication, tables, cancellationToken);
            findings.AddRange(ServerRules.Judge(facts, rights, options.Postgres.Slot));
            findings.AddRange(SessionRules.Judge(
                await SessionRoomReader.ReadAsync(session, cancellationToken), rights.Role, facts.Database, options.Snapshot.Parallel));
            if (facts.CanReplicate || rights.HasProvidersReplication)
                findings.AddRange(await TryReplicationAsync(options.Postgres, clock, cancellationToken));
            findings.AddRange(SlotRules.Judge(facts, options.Postgres));
            findings.AddRange(PublicationRules.Judge(facts, rights, options.Postgres, tables));
            findings.AddRange(TableRules.Judge(tables, rights, facts.Find(options.Postgres.Publication), options.Tables,
                options.TopicPrefix, options.Naming));
            return new CheckedSource(findings.ToImmutable(), facts.SystemIdentifier, [.. tables.Select(table => table.Id)])
            {
                Found = await DescribeAsync(session, tables, rights, facts.Find(options.Postgres.Publication), cancellationToken),
            };
        }
        catch (CdcException error)
        {
            findings.Add(Finding.Of(Connection, error));
            return new CheckedSource(findings.ToImmutable(), "", []);
        }
    }

    private static async Task<ImmutableArray<CheckedTable>> DescribeAsync(
        NpgsqlConnection session, ImmutableArray<CatalogTable> tables, SourceRights rights, SourcePublication? publication,
        CancellationToken cancellationToken)
    {
        var sizes = await MeasureAsync(session, [.. tables.SelectMany(Files)], cancellationToken);
        return
        [
            .. tables.Select(table =>
                new CheckedTable(table.Id, table.EstimatedRows, Files(table).Sum(file => sizes.GetValueOrDefault(file).Bytes), table.Key,
                [.. TableRules.Judge(table, rights).Where(finding => finding.Level == FindingLevel.Fault)])
                {
                    Shape = ShapeOf(table, publication),
                }),
        ];

        static IEnumerable<uint> Files(CatalogTable table) => table.IsPartitioned
            ? table.Leaves.Where(leaf => leaf.FileNode != 0).Select(leaf => leaf.Oid) : [table.Oid];
    }

    /// <summary>Of what is not published yet, all columns but the generated ones are going to be.</summary>
    private static TableSchema? ShapeOf(CatalogTable table, SourcePublication? publication)
    {
        var published = publication?.Tables.FirstOrDefault(published => published.Id == table.Id)?.Columns ?? [];
        var columns = table.Columns.Concat(table.GeneratedColumns).Where(column => published.Contains(column.Name, StringComparer.Ordinal));
        var sent = published.IsEmpty ? table : table with { Columns = [.. columns.OrderBy(column => column.Number)] };
        var isWhole = !sent.Key.Except(sent.Columns.Select(column => column.Name), StringComparer.Ordinal).Any();
        return isWhole && !sent.Columns.IsEmpty ? TableDescriber.Describe(sent).Schema : null;
    }

    private static async Task<Dictionary<uint, (long Pages, long Bytes)>> MeasureAsync(
        NpgsqlConnection session, uint[] files, CancellationToken cancellationToken)
    {
        try
        {
            return await TableSizes.ReadAsync(session, files, cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, $"Measuring the tables of database '{session.Database}'")
                ?? (Exception)error;
        }
    }

    /// <summary>Access rules for replication are others than those for queries.</summary>
    private static async Task<IEnumerable<Finding>> TryReplicationAsync(
        PostgresOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await ReplicationConnection.OpenAsync(options, "cdc check", clock, cancellationToken);
            await connection.IdentifySystemAsync(cancellationToken);
            return [];
        }
        catch (CdcException error)
        {
            return [Finding.Of("replication connection", error)];
        }
    }
}

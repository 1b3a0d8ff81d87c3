using System.Collections.Immutable;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Npgsql;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>
/// Makes the publication fit the selection, where that was asked for. A table whose rows nothing identifies is never added: its own updates
/// and deletes would begin to fail on the source. What is left out is reported with the statement that adds it.
/// </summary>
public sealed class PublicationSetup(PostgresOptions options, TableSelection selection, Action<string> onMissing)
{
    /// <summary>Looks at publication and tables; creates or extends the publication only where the options say so. Answers with the selected tables that are published now.</summary>
    public async Task<ImmutableArray<TableId>> RunAsync(CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(options, cancellationToken);
        try
        {
            return await RunAsync(session, cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, $"Looking at publication '{options.Publication}'") ?? (Exception)error;
        }
    }

    /// <summary>Adding a table: the statement, for people and for ourselves.</summary>
    public static string AddStatement(string publication, TableId table) =>
        $"ALTER PUBLICATION {ReplicationCommands.Identifier(publication)} ADD TABLE {Qualified(table)}";

    /// <summary>Making the publication: the statement, for people and for ourselves.</summary>
    public static string CreateStatement(string publication, ImmutableArray<CatalogTable> tables)
    {
        var list = tables.IsEmpty ? "" : " FOR TABLE " + string.Join(", ", tables.Select(table => Qualified(table.Id)));
        return $"CREATE PUBLICATION {ReplicationCommands.Identifier(publication)}{list} WITH (publish_via_partition_root = true)";
    }

    /// <summary>The table, and its partitions, whose updates and deletes would fail. What is in force for a row is its partition's own identity.</summary>
    private static IEnumerable<TableId> Unidentified(CatalogTable table)
    {
        if (table.Key.Length > 0)
            return [];
        return table.Leaves.Where(leaf => leaf.FileNode != 0 && leaf.Identity != ReplicaIdentity.Full).Select(leaf => leaf.Id)
            .Concat(table.Identity == ReplicaIdentity.Full ? [] : [table.Id]);
    }

    private static string FullIdentity(TableId table) => $"ALTER TABLE {Qualified(table)} REPLICA IDENTITY FULL";

    private static string Qualified(TableId table) =>
        $"{ReplicationCommands.Identifier(table.Schema)}.{ReplicationCommands.Identifier(table.Name)}";

    private async Task<ImmutableArray<TableId>> RunAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var tables = await new CatalogReader(session, new TypeCatalog()).ReadTablesAsync(selection, PartitionedTables.AsRoot, cancellationToken);
        var usable = tables.Where(table => !Unidentified(table).Any()).ToImmutableArray();
        foreach (var table in tables.Except(usable))
            onMissing($"Table '{table.Id}' has nothing that identifies its rows and is left out ({string.Join("; ", Unidentified(table).Select(FullIdentity))}).");

        var published = await ReadPublishedAsync(session, cancellationToken);
        if (published is null)
            await CreateAsync(session, usable, cancellationToken);
        else
            await ExtendAsync(session, [.. usable.Where(table => !published.Contains(table.Id))], cancellationToken);
        return [.. usable.Select(table => table.Id).Where(table => options.Create || published?.Contains(table) == true)];
    }

    private async Task<HashSet<TableId>?> ReadPublishedAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = $1", session)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = options.Publication } },
        };
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
            return null;
        await using var command = new NpgsqlCommand("SELECT schemaname::text, tablename::text FROM pg_catalog.pg_publication_tables WHERE pubname = $1", session)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = options.Publication } },
        };
        var tables = new HashSet<TableId>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            tables.Add(new TableId(reader.GetString(0), reader.GetString(1)));
        return tables;
    }

    private async Task CreateAsync(NpgsqlConnection session, ImmutableArray<CatalogTable> tables, CancellationToken cancellationToken)
    {
        var statement = CreateStatement(options.Publication, tables);
        if (!options.Create)
            throw new CdcException(ErrorCodes.SourcePublicationMissing, $"Publication '{options.Publication}' is not there and 'create' is not set ({statement}).");
        await ExecuteAsync(session, statement, cancellationToken);
    }

    private async Task ExtendAsync(NpgsqlConnection session, ImmutableArray<CatalogTable> missing, CancellationToken cancellationToken)
    {
        foreach (var table in missing)
        {
            var statement = AddStatement(options.Publication, table.Id);
            if (options.Create)
                await ExecuteAsync(session, statement, cancellationToken);
            else
                onMissing($"Table '{table.Id}' is selected but not published ({statement}).");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

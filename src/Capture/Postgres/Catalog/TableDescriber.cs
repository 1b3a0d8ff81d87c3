using System.Collections.Immutable;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Types;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>Turns tables, read from the catalog or announced by the stream, into what events need: their schema and transcoders.</summary>
public sealed class TableDescriber(NpgsqlConnection connection, TypeCatalog types)
{
    /// <summary>A table of the catalog, without its generated columns.</summary>
    public static SourceTable Describe(CatalogTable table) =>
        Describe(table.Id, [.. table.Columns.Select(column => column.Name)], [.. table.Columns.Select(column => column.Type)], table.Key, table.Identity);

    /// <summary>
    /// A table of the stream: columns, types and modifiers as it says; what the types are, and a key's order, come from the catalog. Throws
    /// <c>CDC-2031</c> where a type is gone from there, <c>CDC-2032</c> where the key of a table with identity full is none of the columns.
    /// </summary>
    public async Task<SourceTable> DescribeAsync(StreamedTable table, CancellationToken cancellationToken)
    {
        try
        {
            var resolved = await ResolveAsync(table, cancellationToken);
            var key = KeyOf(table, await ReadKeyAsync(table, cancellationToken));
            return Describe(table.Id, [.. table.Columns.Select(column => column.Name)], resolved, key, table.Identity);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, $"Reading what table '{table.Id}' looks like") ?? (Exception)error;
        }
    }

    private async Task<ImmutableArray<ResolvedType>> ResolveAsync(StreamedTable table, CancellationToken cancellationToken)
    {
        try
        {
            return await types.ResolveAsync(connection, [.. table.Columns.Select(column => column.Type)], cancellationToken);
        }
        catch (CdcException error) when (error.Code == ErrorCodes.SourceTypeUnknown)
        {
            foreach (var column in table.Columns)
                await ResolveAsync(table, column, cancellationToken);
            throw;
        }
    }

    /// <summary>Tells which column it is.</summary>
    private async Task ResolveAsync(StreamedTable table, StreamedColumn column, CancellationToken cancellationToken)
    {
        try
        {
            await types.ResolveAsync(connection, [column.Type], cancellationToken);
        }
        catch (CdcException error) when (error.Code == ErrorCodes.SourceTypeUnknown)
        {
            throw new CdcException(ErrorCodes.SourceTypeUnknown,
                $"Reading what table '{table.Id}' looks like, the type of column '{column.Name}' (oid '{column.Type.Oid}') is not in the catalog.", error);
        }
    }

    private async Task<string[]?> ReadKeyAsync(StreamedTable table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CatalogSql.Key, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = table.Oid, NpgsqlDbType = NpgsqlDbType.Oid });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ((char)table.Identity).ToString() });
        return (string[]?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <param name="catalogKey">The key's columns in the key's order, as the catalog has it now; null where the table is gone.</param>
    private static ImmutableArray<string> KeyOf(StreamedTable table, string[]? catalogKey)
    {
        switch (table.Identity)
        {
            case ReplicaIdentity.Default or ReplicaIdentity.Index:
                ImmutableArray<string> flagged = [.. table.Columns.Where(column => column.IsKey).Select(column => column.Name)];
                return catalogKey is not null && flagged.ToHashSet(StringComparer.Ordinal).SetEquals(catalogKey) ? [.. catalogKey] : flagged;
            case ReplicaIdentity.Full:
                return catalogKey is not null
                    ? [.. catalogKey]
                    : throw new CdcException(ErrorCodes.SourceKeyUnknown, $"Reading what table '{table.Id}' looks like, it is no longer in the catalog, which alone knows its primary key.");
            case ReplicaIdentity.Nothing:
                return [];
            default:
                // Invariant 4
                throw new CdcException(
                    ErrorCodes.SourceProtocolViolation, $"Reading what table '{table.Id}' looks like, a replica identity '{(byte)table.Identity}' was found.");
        }
    }

    private static SourceTable Describe(
        TableId id, ImmutableArray<string> names, ImmutableArray<ResolvedType> resolved, ImmutableArray<string> key, ReplicaIdentity identity)
    {
        var fields = AvroNames.FieldNames(names);
        ImmutableArray<ColumnMapping> mappings = [.. resolved.Select(PostgresTypeMapping.Map)];
        ImmutableArray<ColumnSchema> columns =
            [.. names.Select((name, i) => new ColumnSchema(name, fields[i], mappings[i].Type, resolved[i].Text))];
        var schema = new TableSchema(id, columns, [.. key.Select(name => IndexOf(id, names, name))]);
        return new SourceTable(schema, [.. mappings.Select(mapping => mapping.Transcoder)]) { IsIdentified = schema.HasKey || identity == ReplicaIdentity.Full };
    }

    private static int IndexOf(TableId id, ImmutableArray<string> names, string name)
    {
        var index = names.IndexOf(name);
        return index >= 0
            ? index
            : throw new CdcException(ErrorCodes.SourceKeyUnknown, $"Reading what table '{id}' looks like, its key's column '{name}' is none of its published columns.");
    }
}

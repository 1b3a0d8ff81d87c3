using System.Collections.Immutable;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>What the tables of a database look like now, over a session that <see cref="SourceSession"/> opened.</summary>
public sealed class CatalogReader(NpgsqlConnection connection, TypeCatalog types)
{
    /// <summary>The selected tables, by name. The system's, unlogged and temporary tables are not among them.</summary>
    public async Task<ImmutableArray<CatalogTable>> ReadTablesAsync(
        TableSelection selection, PartitionedTables partitioned, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(await ReadOidsAsync(selection, partitioned, cancellationToken), cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, $"Reading the tables of database '{connection.Database}'")
                ?? (Exception)error;
        }
    }

    /// <summary>The tables of these numbers that are still there, by name.</summary>
    public async Task<ImmutableArray<CatalogTable>> ReadTablesAsync(IReadOnlyCollection<uint> oids, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync([.. oids], cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Table, $"Reading tables of database '{connection.Database}'") ?? (Exception)error;
        }
    }

    private async Task<uint[]> ReadOidsAsync(TableSelection selection, PartitionedTables partitioned, CancellationToken cancellationToken)
    {
        var oids = new List<uint>();
        await using var command = new NpgsqlCommand(CatalogSql.Names, connection);
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = partitioned == PartitionedTables.AsRoot });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (selection.Includes(new TableId(reader.GetString(1), reader.GetString(2)).ToString()))
                oids.Add(reader.GetFieldValue<uint>(0));
        }

        return [.. oids];
    }

    private async Task<ImmutableArray<CatalogTable>> ReadAsync(uint[] oids, CancellationToken cancellationToken)
    {
        var rows = await ReadRowsAsync(oids, cancellationToken);
        var references = rows.SelectMany(row => row.Columns).Select(column => column.Type).Distinct().ToArray();
        var resolved = references
            .Zip(await types.ResolveAsync(connection, references, cancellationToken))
            .ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. rows.Select(row => row.ToTable(resolved) with { HasAnyBytes = DatabaseEncoding.IsUnknown(connection) })];
    }

    private async Task<List<CatalogRow>> ReadRowsAsync(uint[] oids, CancellationToken cancellationToken)
    {
        var rows = new List<CatalogRow>();
        await using var command = new NpgsqlCommand(CatalogSql.Tables, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = oids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(CatalogRow.Read(reader));
        return rows;
    }

    /// <summary>A row of <see cref="CatalogSql.Tables"/>: a table whose columns' types are not resolved yet.</summary>
    private sealed record CatalogRow(CatalogTable Table, ImmutableArray<CatalogRowColumn> Columns)
    {
        public static CatalogRow Read(NpgsqlDataReader row)
        {
            var table = new CatalogTable(row.GetFieldValue<uint>(0), new TableId(row.GetString(1), row.GetString(2)))
            {
                IsPartitioned = row.GetBoolean(3),
                Identity = (ReplicaIdentity)row.GetString(4)[0],
                Key = [.. row.GetFieldValue<string[]>(5)],
                Columns = [],
                GeneratedColumns = [],
                EstimatedRows = row.GetInt64(12),
                FileNode = row.GetFieldValue<uint>(13),
                Leaves = ReadLeaves(row),
            };
            return new CatalogRow(table, ReadColumns(row));
        }

        public CatalogTable ToTable(IReadOnlyDictionary<TypeReference, ResolvedType> resolved) => Table with
        {
            Columns = [.. Columns.Where(column => !column.IsGenerated).Select(column => column.ToColumn(resolved))],
            GeneratedColumns = [.. Columns.Where(column => column.IsGenerated).Select(column => column.ToColumn(resolved))],
        };

        private static ImmutableArray<CatalogRowColumn> ReadColumns(NpgsqlDataReader row)
        {
            var numbers = row.GetFieldValue<short[]>(6);
            var names = row.GetFieldValue<string[]>(7);
            var oids = row.GetFieldValue<uint[]>(8);
            var modifiers = row.GetFieldValue<int[]>(9);
            var nullable = row.GetFieldValue<bool[]>(10);
            var generated = row.GetFieldValue<bool[]>(11);
            return
            [
                .. numbers.Select((number, i) =>
                    new CatalogRowColumn(number, names[i], nullable[i], generated[i], new TypeReference(oids[i], modifiers[i]))),
            ];
        }

        private static ImmutableArray<CatalogPartition> ReadLeaves(NpgsqlDataReader row)
        {
            var oids = row.GetFieldValue<uint[]>(14);
            var schemas = row.GetFieldValue<string[]>(15);
            var names = row.GetFieldValue<string[]>(16);
            var files = row.GetFieldValue<uint[]>(17);
            var identities = row.GetFieldValue<string[]>(18);
            return
            [
                .. oids.Select((oid, i) =>
                    new CatalogPartition(oid, new TableId(schemas[i], names[i]), files[i], (ReplicaIdentity)identities[i][0])),
            ];
        }
    }

    private sealed record CatalogRowColumn(short Number, string Name, bool IsNullable, bool IsGenerated, TypeReference Type)
    {
        public CatalogColumn ToColumn(IReadOnlyDictionary<TypeReference, ResolvedType> resolved) =>
            new(Number, Name, IsNullable, resolved[Type], Type);
    }
}

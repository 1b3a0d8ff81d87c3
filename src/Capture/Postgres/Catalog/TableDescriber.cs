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
public sealed class TableDescriber(NpgsqlConnection connection, TypeCatalog types, SourceMemory memory)
{
    /// <summary>A table of the catalog, without its generated columns.</summary>
    public static SourceTable Describe(CatalogTable table) =>
        CheckingText(table.HasAnyBytes, Describe(
            table.Id, [.. table.Columns.Select(column => column.Name)], [.. table.Columns.Select(column => column.Type)], table.Key,
            table.Identity));

    /// <summary>What is to be known of a table of the catalog once it has gone.</summary>
    /// <param name="table">As it is.</param>
    /// <param name="before">What was noted last; null where nothing was.</param>
    public static string Remember(CatalogTable table, string? before) => DescribedTable
        .Of(table.Oid, table.Key, table.Columns.Concat(table.GeneratedColumns).Select(column => (column.Reference, column.Type)))
        .Keeping(before is null ? null : DescribedTable.Parse(before)).ToString();

    /// <summary>
    /// A table of the stream: columns, types and modifiers as it says; what the types are, and a key's order, come from the catalog. Throws
    /// <c>CDC-2031</c> where a type is gone from there, <c>CDC-2032</c> where the key of a table with identity full is none of the columns.
    /// What has gone meanwhile is as it was when it was last described; <c>CDC-2093</c> for a table that is gone and never was.
    /// </summary>
    public async Task<SourceTable> DescribeAsync(StreamedTable table, CancellationToken cancellationToken)
    {
        var before = memory.Of(table.Id) is { } text && DescribedTable.Parse(text) is var noted && noted.Oid == table.Oid ? noted : null;
        try
        {
            var catalogKey = await ReadKeyAsync(table, cancellationToken);
            if (catalogKey is null && before is null)
                throw new CdcException(ErrorCodes.SourceTableGone,
                    $"Reading what table '{table.Id}' looks like, it is no longer in the catalog, and was not looked at before.");
            var resolved = await ResolveAsync(table, before, cancellationToken);
            if (catalogKey is not null)
                RequireWhole(table, catalogKey, before);
            var key = KeyOf(table, KnownKey(table, catalogKey?.Names, before));
            var described = CheckingText(
                DatabaseEncoding.IsUnknown(connection),
                Describe(table.Id, [.. table.Columns.Select(column => column.Name)], resolved, key, table.Identity));
            if (catalogKey is not null)
                memory.Note(table.Id, DescribedTable.Of(table.Oid, key, table.Columns.Select(column => column.Type).Zip(resolved))
                    .Keeping(before).ToString());
            return described;
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Table, $"Reading what table '{table.Id}' looks like") ?? (Exception)error;
        }
    }

    private async Task<ImmutableArray<ResolvedType>> ResolveAsync(
        StreamedTable table, DescribedTable? before, CancellationToken cancellationToken)
    {
        try
        {
            return await types.ResolveAsync(connection, [.. table.Columns.Select(column => column.Type)], cancellationToken);
        }
        catch (CdcException error) when (error.Code == ErrorCodes.SourceTypeUnknown)
        {
            var resolved = ImmutableArray.CreateBuilder<ResolvedType>(table.Columns.Length);
            foreach (var column in table.Columns)
                resolved.Add(await ResolveAsync(table, column, before, cancellationToken));
            return resolved.MoveToImmutable();
        }
    }

    /// <summary>One column's type, or as it was; tells which column it is where neither is known.</summary>
    private async Task<ResolvedType> ResolveAsync(
        StreamedTable table, StreamedColumn column, DescribedTable? before, CancellationToken cancellationToken)
    {
        try
        {
            return (await types.ResolveAsync(connection, [column.Type], cancellationToken))[0];
        }
        catch (CdcException error) when (error.Code == ErrorCodes.SourceTypeUnknown)
        {
            if (before?.Find(column.Type) is { } known)
                return known;
            throw new CdcException(ErrorCodes.SourceTypeUnknown,
                $"Reading what table '{table.Id}' looks like, the type of column '{column.Name}' (oid '{column.Type.Oid}') is not in the " +
                "catalog.", error);
        }
    }

    private async Task<CatalogKey?> ReadKeyAsync(StreamedTable table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CatalogSql.Key, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = table.Oid, NpgsqlDbType = NpgsqlDbType.Oid });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ((char)table.Identity).ToString() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new CatalogKey(await reader.GetFieldValueAsync<string[]>(0, cancellationToken),
                await reader.GetFieldValueAsync<string[]>(1, cancellationToken))
            : null;
    }

    /// <summary>
    /// Rows that differ in a column that is not sent would be one row to whoever merges by the others. A generated column is never sent
    /// unless it is published; any other that is missing is one that a publication's list leaves out, or one by which the key has grown
    /// since it was last noted.
    /// </summary>
    private static void RequireWhole(StreamedTable table, CatalogKey key, DescribedTable? before)
    {
        var sent = table.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var flagged = table.Columns.Where(column => column.IsKey).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        if (flagged.Count == 0 || !flagged.Overlaps(key.Names)
            || (table.Identity != ReplicaIdentity.Full && !flagged.IsSubsetOf(key.Names)))
            return;
        if (key.Generated.FirstOrDefault(name => !sent.Contains(name)) is { } generated)
            throw KeyColumnMissing(table.Id, generated);
        if (table.Identity != ReplicaIdentity.Full && key.Names.FirstOrDefault(name => !sent.Contains(name)) is { } missing
            && before?.Key.ToHashSet(StringComparer.Ordinal).SetEquals(flagged) != true)
            throw KeyColumnMissing(table.Id, missing);
    }

    /// <summary>The catalog's key, unless columns of it go by another name since then, or the table is gone: then as it was.</summary>
    private static string[] KnownKey(StreamedTable table, string[]? catalogKey, DescribedTable? before)
    {
        var names = table.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        return catalogKey is not null && (names.IsSupersetOf(catalogKey) || before is null || !names.IsSupersetOf(before.Key)) ? catalogKey
            : [.. before!.Key];
    }

    /// <param name="table">As the stream has it.</param>
    /// <param name="catalogKey">The key's columns in the key's order, as the catalog has it now or had it last.</param>
    private static ImmutableArray<string> KeyOf(StreamedTable table, string[] catalogKey)
    {
        switch (table.Identity)
        {
            case ReplicaIdentity.Default or ReplicaIdentity.Index:
                ImmutableArray<string> flagged = [.. table.Columns.Where(column => column.IsKey).Select(column => column.Name)];
                return flagged.ToHashSet(StringComparer.Ordinal).SetEquals(catalogKey) ? [.. catalogKey] : flagged;
            case ReplicaIdentity.Full:
                return [.. catalogKey];
            case ReplicaIdentity.Nothing:
                return [];
            default:
                // Invariant 4
                throw new CdcException(
                    ErrorCodes.SourceProtocolViolation,
                    $"Reading what table '{table.Id}' looks like, a replica identity '{(byte)table.Identity}' was found.");
        }
    }

    private static SourceTable Describe(
        TableId id, ImmutableArray<string> names, ImmutableArray<ResolvedType> resolved, ImmutableArray<string> key,
        ReplicaIdentity identity)
    {
        if (names.IsEmpty)
            throw new CdcException(ErrorCodes.SourceColumnsMissing,
                $"Reading what table '{id}' looks like, no published column was found.");
        var fields = AvroNames.FieldNames(names);
        ImmutableArray<ColumnMapping> mappings = [.. resolved.Select(PostgresTypeMapping.Map)];
        ImmutableArray<ColumnSchema> columns =
            [.. names.Select((name, i) => new ColumnSchema(name, fields[i], mappings[i].Type, resolved[i].Text))];
        var schema = new TableSchema(id, columns, [.. key.Select(name => IndexOf(id, names, name))]);
        return new SourceTable(schema, [.. mappings.Select(mapping => mapping.Transcoder)]) { IsIdentified = schema.HasKey
            || identity == ReplicaIdentity.Full };
    }

    /// <summary>Of a database that takes any bytes as text, every value is looked at.</summary>
    private static SourceTable CheckingText(bool hasAnyBytes, SourceTable table) => hasAnyBytes
        ? new SourceTable(table.Schema,
            [.. table.Transcoders.Select((inner, i) => new CheckedTextTranscoder(inner, table.Schema.Id, table.Schema.Columns[i].Name))])
        {
            IsIdentified = table.IsIdentified,
        }
        : table;

    private static int IndexOf(TableId id, ImmutableArray<string> names, string name)
    {
        var index = names.IndexOf(name);
        return index >= 0
            ? index
            : throw KeyColumnMissing(id, name);
    }

    private static CdcException KeyColumnMissing(TableId id, string name) =>
        new(ErrorCodes.SourceKeyUnknown,
            $"Reading what table '{id}' looks like, its key's column '{name}' is none of its published columns, and without it rows " +
            "would be taken for one another.");

    /// <summary>A key as the catalog has it: its columns in the key's order, and which of them are generated.</summary>
    private sealed record CatalogKey(string[] Names, string[] Generated);
}

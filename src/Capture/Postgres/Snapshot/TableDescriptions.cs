using System.Collections.Immutable;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// What many tables look like, by a few queries for all of them. None waits for a table's lock, except to tell a row filter, and that not
/// for long.
/// </summary>
internal sealed class TableDescriptions(
    NpgsqlConnection session, string publication, TableShapes shapes, SourceMemory memory, StreamedNames? names,
    Action<SourceTable, ReadPlan> onPlan)
{
    private sealed record Found(TableId Table, uint Oid, bool IsFiltered);

    /// <summary>In the order of <paramref name="tables"/>.</summary>
    public async Task<IReadOnlyList<TableFinding>> RunAsync(IReadOnlyCollection<TableId> tables, CancellationToken cancellationToken)
    {
        CdcException error;
        try
        {
            return await DescribeAsync(tables, cancellationToken);
        }
        catch (CdcException failed) when (ErrorPolicy.For(failed.Kind) == ErrorResponse.StopTable)
        {
            error = failed;
        }
        catch (NpgsqlException failed)
            when (PostgresErrors.From(failed, SessionStep.Table, $"Looking at {Names(tables)} before reading") is { } known
            && ErrorPolicy.For(known.Kind) == ErrorResponse.StopTable)
        {
            error = known;
        }

        // One of them cannot be told: each for itself then.
        await using (var end = new NpgsqlCommand("ROLLBACK", session))
            await end.ExecuteNonQueryAsync(cancellationToken);
        if (tables.Count == 1)
            return [new TableFinding(tables.Single(), null) { Error = error }];
        var described = new List<TableFinding>();
        foreach (var table in tables)
            described.AddRange(await RunAsync([table], cancellationToken));
        return described;
    }

    private static string Names(IReadOnlyCollection<TableId> tables) => tables.Count == 1 ? $"table '{tables.Single()}'" : "tables";

    private async Task<IReadOnlyList<TableFinding>> DescribeAsync(IReadOnlyCollection<TableId> tables, CancellationToken cancellationToken)
    {
        var found = (await FindAsync(tables, cancellationToken)).ToDictionary(one => one.Table);

        // Before the catalog is read: what changes in between is found by the first chunk.
        var oids = found.Values.Select(one => one.Oid).ToArray();
        var (looks, position) = await CatalogLook.TakeAsync(session, publication, oids, cancellationToken);
        var lookOf = looks.ToDictionary(look => look.Fingerprint!.Number);
        var catalog = (await new CatalogReader(session, new TypeCatalog()).ReadTablesAsync(oids, cancellationToken)).ToDictionary(table =>
            table.Oid);
        foreach (var one in found.Values)
        {
            if (lookOf.TryGetValue(one.Oid, out var look) && look.Fingerprint!.Name == one.Table.ToString())
                // Before its read begins: what is streamed behind that is to come under this name.
                names?.See(one.Oid, one.Table, position);
        }

        var keys = await ReadKeysAsync(oids, cancellationToken);
        var parts = catalog.Values.ToDictionary(table => table.Oid, PartsOf);
        await MeasureAsync(parts.Values.SelectMany(list => list).ToList(), cancellationToken);

        List<TableId> missing = [.. tables.Where(table => !found.TryGetValue(table, out var one) || !catalog.ContainsKey(one.Oid)
            || !lookOf.ContainsKey(one.Oid))];
        var existing = await FindExistingAsync(missing, cancellationToken);
        var described = new List<TableFinding>(tables.Count);
        foreach (var table in tables)
        {
            if (!found.TryGetValue(table, out var one) || !catalog.TryGetValue(one.Oid, out var entry)
                || !lookOf.TryGetValue(one.Oid, out var seen))
                described.Add(new TableFinding(table, null) { Error = existing.Contains(table) ? null : Gone(table) });
            else
                described.Add(await DescribeAsync(one, entry, [.. keys[one.Oid]], parts[one.Oid], (seen, position), cancellationToken));
        }

        return described;
    }

    private async Task<TableFinding> DescribeAsync(
        Found one, CatalogTable table, IReadOnlyList<KeyOperator> key, List<PagedPart> parts, (TableLook Look, ulong Position) seen,
        CancellationToken cancellationToken)
    {
        try
        {
            var filter = one.IsFiltered ? await ReadFilterAsync(one.Oid, cancellationToken) : null;
            var shape = shapes.Adopt(TableDescriber.Describe(table with { Columns = Published(table, seen.Look.Columns) }));
            memory.Note(one.Table, TableDescriber.Remember(table, memory.Of(one.Table)));
            onPlan(shape, new ReadPlan(one.Oid, table.IsPartitioned, publication, seen.Look.Fingerprint!.ToText(), filter)
            {
                Key = key, HasAnyBytes = table.HasAnyBytes,
            });
            return new TableFinding(one.Table,
                new TableDescription(shape, one.Oid, parts, table.EstimatedRows) { Look = seen.Look, Position = seen.Position });
        }
        catch (PostgresException error) when (TableLocks.Stopped(error))
        {
            return new TableFinding(one.Table, null)
            {
                Error = await TableLocks.ExplainAsync(session, $"Looking at table '{one.Table}' before it is read", one.Oid, error,
                    cancellationToken),
            };
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            return new TableFinding(one.Table, null) { Error = error };
        }
    }

    private static CdcException Gone(TableId table) =>
        new(ErrorCodes.SourceTableGone, $"Looking at table '{table}' before it is read, it is not in the catalog.");

    private static ImmutableArray<CatalogColumn> Published(CatalogTable table, TableColumns facts)
    {
        var names = facts.Published.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        return [.. table.Columns.Concat(table.GeneratedColumns).Where(column => names.Contains(column.Name))
            .OrderBy(column => column.Number)];
    }

    private static List<PagedPart> PartsOf(CatalogTable table) => table.IsPartitioned
        ? [.. table.Leaves.Where(leaf => leaf.FileNode != 0).Select(leaf => new PagedPart(leaf.Oid, leaf.Id, leaf.FileNode))]
        : [new PagedPart(table.Oid, table.Id, table.FileNode)];

    private async Task<List<Found>> FindAsync(IReadOnlyCollection<TableId> tables, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SnapshotSql.Find(SourceSession.MajorOf(session)), session)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = publication },
                new NpgsqlParameter<string[]> { TypedValue = [.. tables.Select(table => table.Schema)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. tables.Select(table => table.Name)] },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<Found>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new Found(
                new TableId(reader.GetString(0), reader.GetString(1)), reader.GetFieldValue<uint>(2), reader.GetBoolean(3)));
        }

        return found;
    }

    /// <summary>Those that are there, published or not.</summary>
    private async Task<HashSet<TableId>> FindExistingAsync(List<TableId> tables, CancellationToken cancellationToken)
    {
        var existing = new HashSet<TableId>();
        if (tables.Count == 0)
            return existing;
        await using var command = new NpgsqlCommand(SnapshotSql.Existing, session)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. tables.Select(table => table.Schema)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. tables.Select(table => table.Name)] },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            existing.Add(new TableId(reader.GetString(0), reader.GetString(1)));
        return existing;
    }

    /// <summary>How the columns of each table's key are compared.</summary>
    private async Task<ILookup<uint, KeyOperator>> ReadKeysAsync(uint[] oids, CancellationToken cancellationToken)
    {
        await using var command = ForTables(KeySql.Operators, oids);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<(uint Table, KeyOperator Operator)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var hasCollation = !await reader.IsDBNullAsync(5, cancellationToken);
            keys.Add((reader.GetFieldValue<uint>(7),
                new KeyOperator(reader.GetString(0),
                    $"OPERATOR({ReplicationCommands.Identifier(reader.GetString(1))}.{reader.GetString(2)})", reader.GetString(3))
                {
                    IsArray = reader.GetBoolean(4),
                    Collation = hasCollation ? SnapshotSql.Name(new TableId(reader.GetString(5), reader.GetString(6))) : null,
                }));
        }

        return keys.ToLookup(key => key.Table, key => key.Operator);
    }

    private async Task<string?> ReadFilterAsync(uint oid, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SnapshotSql.Filter, session)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = publication },
                new NpgsqlParameter { Value = oid, NpgsqlDbType = NpgsqlDbType.Oid },
            },
        };
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>How large the files are, and how much of it lies out of line.</summary>
    private async Task MeasureAsync(List<PagedPart> parts, CancellationToken cancellationToken)
    {
        var oids = parts.Select(part => part.Number).Distinct().ToArray();
        var sizes = await TableSizes.ReadAsync(session, oids, cancellationToken);
        foreach (var part in parts)
        {
            var (pages, bytes) = sizes.GetValueOrDefault(part.Number);
            part.Pages = (uint)pages;
            if (pages > 0)
                part.Expect((double)bytes / pages);
        }
    }

    private NpgsqlCommand ForTables(string sql, uint[] oids) => new(sql, session)
    {
        Parameters = { new NpgsqlParameter { Value = oids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid } },
    };
}

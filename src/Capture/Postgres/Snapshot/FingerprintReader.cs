using System.Collections.Immutable;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>Reads what the catalog says of tables, without waiting for anybody's lock.</summary>
internal sealed class FingerprintReader(NpgsqlConnection session, string publication)
{
    /// <summary>Types below this number are the server's own, of which none is an enum or a composite.</summary>
    private const uint FirstOfUsers = 16384;

    /// <summary>The version in which generated columns can be published.</summary>
    private const int PublishedGenerated = 18;

    private int Major => SourceSession.MajorOf(session);

    /// <summary>What the catalog has of those tables that are there, in the session's snapshot.</summary>
    public async Task<IReadOnlyList<TableLook>> ReadAsync(IReadOnlyCollection<uint> oids, CancellationToken cancellationToken)
    {
        var rows = new List<(TableFingerprint Fingerprint, TableLook Look)>();
        await using (var command = new NpgsqlCommand(FingerprintSql.Tables(Major), session))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = publication });
            command.Parameters.Add(Oids(oids));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(Read(reader));
        }

        var columns = rows.SelectMany(row => row.Fingerprint.Columns);
        var used = columns.Select(column => column.Type).Where(type => type >= FirstOfUsers).Distinct().ToList();
        var types = used.Count == 0 ? null : await ReadTypesAsync(used, cancellationToken);
        return
        [
            .. rows.Select(row => row.Look with
            {
                Fingerprint = types is null ? row.Fingerprint : row.Fingerprint with { Types = Of(row.Fingerprint.Columns, types) },
            }),
        ];
    }

    private static NpgsqlParameter Oids(IEnumerable<uint> oids) =>
        new() { Value = oids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid };

    private static ImmutableSortedDictionary<uint, string> Of(
        ImmutableArray<FingerprintColumn> columns, ILookup<uint, (uint Oid, string Text)> types) =>
        columns.Select(column => column.Type).Distinct().SelectMany(type => types[type]).Distinct()
            .ToImmutableSortedDictionary(type => type.Oid, type => type.Text);

    private async Task<ILookup<uint, (uint Oid, string Text)>> ReadTypesAsync(IEnumerable<uint> used, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FingerprintSql.Types, session);
        command.Parameters.Add(Oids(used));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var types = new List<(uint Root, uint Oid, string Text)>();
        while (await reader.ReadAsync(cancellationToken))
            types.Add((reader.GetFieldValue<uint>(0), reader.GetFieldValue<uint>(1), reader.GetString(2)));
        return types.ToLookup(type => type.Root, type => (type.Oid, type.Text));
    }

    private (TableFingerprint Fingerprint, TableLook Look) Read(NpgsqlDataReader row)
    {
        var id = new TableId(row.GetString(1), row.GetString(2));
        var columns = ReadColumns(row);
        var fingerprint = new TableFingerprint
        {
            Oid = row.GetFieldValue<uint>(0),
            Name = id.ToString(),
            Identity = row.GetString(3),
            Home = row.GetString(4),
            Publication = row.GetString(5),
            Sends = row.GetString(6),
            Memberships = [.. row.GetFieldValue<string[]>(7)],
            Key = [.. row.GetFieldValue<int[]>(10)],
            Columns = columns,
            Parts = ReadParts(row),
            Types = ImmutableSortedDictionary<uint, string>.Empty,
        };
        return (fingerprint, new TableLook(ReadPublished(row, columns), ReadFiles(row)) { Stamp = row.GetString(17) });
    }

    private static ImmutableArray<FingerprintColumn> ReadColumns(NpgsqlDataReader row)
    {
        var (numbers, names, types) = (row.GetFieldValue<int[]>(12), row.GetFieldValue<string[]>(13), row.GetFieldValue<uint[]>(14));
        var (modifiers, generated) = (row.GetFieldValue<int[]>(15), row.GetFieldValue<string[]>(16));
        return [.. numbers.Select((number, i) => new FingerprintColumn(number, names[i], types[i], modifiers[i], generated[i]))];
    }

    /// <summary>
    /// A list names its columns; else all are sent but generated ones, stored ones of which the publication may send (18).
    /// </summary>
    private TableColumns ReadPublished(NpgsqlDataReader row, ImmutableArray<FingerprintColumn> columns)
    {
        var listed = row.IsDBNull(8) ? null : row.GetFieldValue<int[]>(8);
        var sendsGenerated = Major >= PublishedGenerated && row.GetBoolean(9);
        var filled = row.GetFieldValue<string[]>(19).ToHashSet(StringComparer.Ordinal);
        var published = columns.Where(column => listed?.Contains(column.Number)
            ?? (column.Generated.Length == 0 || (sendsGenerated && column.Generated == "s")));
        return new TableColumns(
            row.GetInt32(11), [.. published.Select(column => new TableColumn(column.Name, column.Number, filled.Contains(column.Name)))],
            row.GetFieldValue<int[]>(18));
    }

    private static ImmutableSortedDictionary<uint, string> ReadParts(NpgsqlDataReader row)
    {
        var links = row.GetFieldValue<string[]>(25);
        return row.GetFieldValue<uint[]>(20).Select((oid, i) => (oid, links[i]))
            .ToImmutableSortedDictionary(part => part.oid, part => part.Item2);
    }

    private static List<PagedFile> ReadFiles(NpgsqlDataReader row)
    {
        var (oids, schemas, names) = (row.GetFieldValue<uint[]>(20), row.GetFieldValue<string[]>(21), row.GetFieldValue<string[]>(22));
        var (files, stamps) = (row.GetFieldValue<uint[]>(23), row.GetFieldValue<long[]>(24));
        return
        [
            .. oids.Select((oid, i) => new PagedFile(oid, new TableId(schemas[i], names[i]), files[i])
            {
                Writer = new TransactionMark((uint)stamps[i]), // Of the catalog's row of it.
            }),
        ];
    }
}

using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Reading;
using Cdc.Contracts.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>What the catalog says of all published tables, in one snapshot of it.</summary>
internal static class CatalogLook
{
    public static async Task<CatalogSight> TakeAsync(
        NpgsqlConnection session, string publication, Func<TableId, bool> isSelected, StreamedNames? names,
        CancellationToken cancellationToken)
    {
        await ExecuteAsync(session, FingerprintSql.Begin, cancellationToken);
        var position = await PositionAsync(session, cancellationToken);
        var published = (await PublishedTables.ReadAsync(session, publication, cancellationToken)).Where(table => isSelected(table.Id))
            .ToDictionary(table => table.Oid, table => table.Id);
        var looks = await new FingerprintReader(session, publication).ReadAsync(published.Keys, cancellationToken);
        if (names is not null)
            await SeeNamesAsync(session, names, published, position, cancellationToken);
        await ExecuteAsync(session, "COMMIT", cancellationToken);
        return new CatalogSight(looks.ToDictionary(look => published[look.Fingerprint!.Number]), position);
    }

    /// <summary>Those of some tables that are not there any more.</summary>
    public static async Task<IReadOnlySet<uint>> ReadGoneAsync(
        NpgsqlConnection session, IReadOnlyCollection<uint> oids, CancellationToken cancellationToken)
    {
        var gone = new HashSet<uint>();
        await using var command = new NpgsqlCommand(FingerprintSql.Gone, session);
        command.Parameters.Add(new NpgsqlParameter { Value = oids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            gone.Add(reader.GetFieldValue<uint>(0));
        return gone;
    }

    /// <summary>Those of some tables that are there, and a place in the log behind what was seen of them.</summary>
    public static async Task<(IReadOnlyList<TableLook> Looks, ulong Position)> TakeAsync(
        NpgsqlConnection session, string publication, IReadOnlyCollection<uint> oids, CancellationToken cancellationToken)
    {
        await ExecuteAsync(session, FingerprintSql.Begin, cancellationToken);
        var position = await PositionAsync(session, cancellationToken);
        var looks = await new FingerprintReader(session, publication).ReadAsync(oids, cancellationToken);
        await ExecuteAsync(session, "COMMIT", cancellationToken);
        return (looks, position);
    }

    /// <summary>Also of tables that the stream has named and that are not to be captured by now.</summary>
    private static async Task SeeNamesAsync(
        NpgsqlConnection session, StreamedNames names, Dictionary<uint, TableId> published, ulong position,
        CancellationToken cancellationToken)
    {
        foreach (var (oid, name) in published)
            names.See(oid, name, position);
        var others = names.Announced.Except(published.Keys).ToArray();
        if (others.Length == 0)
            return;
        await using var command = new NpgsqlCommand(FingerprintSql.Names, session);
        command.Parameters.Add(new NpgsqlParameter { Value = others, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            names.See(reader.GetFieldValue<uint>(0), new TableId(reader.GetString(1), reader.GetString(2)), position);
    }

    /// <summary>The transaction's first query: its snapshot is taken before the position.</summary>
    private static async Task<ulong> PositionAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FingerprintSql.Position, session);
        return Lsn.Parse((string)(await command.ExecuteScalarAsync(cancellationToken))!).Value;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

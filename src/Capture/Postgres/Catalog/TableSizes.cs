using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// How large tables are, long values included, without waiting for a lock: of a table that is locked it is what was last estimated.
/// </summary>
internal static class TableSizes
{
    /// <summary>Pages and bytes by the tables' numbers; one that has just gone is not among them.</summary>
    public static async Task<Dictionary<uint, (long Pages, long Bytes)>> ReadAsync(
        NpgsqlConnection session, uint[] oids, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(session, CatalogSql.Sizes, oids, cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            return await ReadAsync(session, CatalogSql.EstimatedSizes, oids, cancellationToken);
        }
    }

    private static async Task<Dictionary<uint, (long Pages, long Bytes)>> ReadAsync(
        NpgsqlConnection session, string sql, uint[] oids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session)
        {
            Parameters = { new NpgsqlParameter { Value = oids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sizes = new Dictionary<uint, (long Pages, long Bytes)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!await reader.IsDBNullAsync(1, cancellationToken) && !await reader.IsDBNullAsync(2, cancellationToken))
                sizes[reader.GetFieldValue<uint>(0)] = (reader.GetInt64(1), reader.GetInt64(2));
        }

        return sizes;
    }
}

using Npgsql;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// What a database's encoding means for its texts: the server turns them into UTF-8 and checks them, but where the encoding is SQL_ASCII a
/// text is any bytes, and a session that asks for UTF-8 fails at the first that is not (manual, "Character Set Support", PostgreSQL 14 to
/// 18). There they are asked for as they are, and looked at here, so that one value stops one table.
/// </summary>
internal static class DatabaseEncoding
{
    public const string Unknown = "SQL_ASCII";

    /// <summary>The parameter that the server reports of each session.</summary>
    public const string Parameter = "server_encoding";

    public static bool IsUnknown(NpgsqlConnection session) =>
        session.PostgresParameters.TryGetValue(Parameter, out var encoding) && string.Equals(encoding, Unknown, StringComparison.Ordinal);
}

using System.Collections.Immutable;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// The server settings that sessions fix when they start, as parameters of the startup message: those stand above what a role, a database or
/// a file says, so nobody's defaults change the data (PostgreSQL manual, "Client Connection Defaults").
/// </summary>
public static class SessionSettings
{
    /// <summary>What shapes a value's text. Replication sessions and SQL sessions have the same, so a value has one text.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> Text { get; } =
    [
        new("client_encoding", "UTF8"),
        new("DateStyle", "ISO"),
        new("IntervalStyle", "iso_8601"),
        new("TimeZone", "UTC"),
        new("extra_float_digits", "1"),
        new("bytea_output", "hex"),
        new("lc_monetary", "C"),
        new("search_path", "pg_catalog"),
        new("quote_all_identifiers", "off"),
    ];

    /// <summary>
    /// What SQL sessions fix besides: no time limit of a role's ends a long read, and a row security policy is an error, because
    /// rows that it hides would be missing silently.
    /// </summary>
    public static ImmutableArray<KeyValuePair<string, string>> Sql { get; } =
    [
        new("row_security", "off"),
        new("standard_conforming_strings", "on"),
        new("statement_timeout", "0"),
        new("lock_timeout", "0"),
        new("idle_in_transaction_session_timeout", "0"),
        new("default_transaction_isolation", "read committed"),
    ];
}

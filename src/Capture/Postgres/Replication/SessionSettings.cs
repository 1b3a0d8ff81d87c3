using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// The settings that shape the text of values. Every session that reads rows starts with them, so that a role's or database's own
/// defaults change no value. Each may be set by any user at start and wins over what <c>ALTER ROLE … SET</c> says.
/// </summary>
public static class SessionSettings
{
    /// <summary>Name and value, in no order that matters.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> All { get; } =
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
    /// What a role or database may have by default that would end a session of ours, or bend what it does. Every server from 14 on knows
    /// these names; one that is not known would be refused.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Limits { get; } =
    [
        new("statement_timeout", "0"),
        new("lock_timeout", "0"),
        new("idle_in_transaction_session_timeout", "0"),
        new("default_transaction_isolation", "read committed"),
        new("default_transaction_read_only", "off"),
        new("default_transaction_deferrable", "off"),
        new("row_security", "off"), // Rows that a policy hides would be missing silently; like this they are an error.
        new("synchronous_commit", "local"), // Capture may itself be the standby that a commit waits for.
    ];

    /// <summary>Lifts those that came later, once the version is known; null where there are none.</summary>
    public static string? LaterLimits(int major) => major switch
    {
        >= 17 => "SET idle_session_timeout = 0; SET transaction_timeout = 0",
        >= 14 => "SET idle_session_timeout = 0",
        _ => null,
    };

    /// <summary>Something between us and the server may drop settings; those that the server reports are compared.</summary>
    internal static void Check(IReadOnlyDictionary<string, string> reported, string server)
    {
        foreach (var (name, wanted) in All)
        {
            if (reported.TryGetValue(name, out var found) && !found.Split(", ")[0].Equals(wanted, StringComparison.OrdinalIgnoreCase))
                throw new CdcException(ErrorCodes.SourceSettingUnsuitable,
                    $"Opening a session on '{server}' found the setting '{name}' at '{found}', expected '{wanted}' as was asked for.");
        }
    }
}

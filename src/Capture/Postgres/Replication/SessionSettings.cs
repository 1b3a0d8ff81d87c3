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

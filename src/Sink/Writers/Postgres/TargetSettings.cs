namespace Cdc.Sink.Writers.Postgres;

/// <summary>
/// The settings that every transaction of ours has, so that a role's or a database's own defaults change neither what is written nor when
/// it ends. They are set once for a session, or for each transaction where a pooler shares sessions out.
/// </summary>
internal static class TargetSettings
{
    // The planner is held to index lookups: staging is never analysed, a prepared plan outlives the size it was made for, and reading a
    // large table for each batch is what must not happen.
    private static readonly (string Name, string Value)[] All =
    [
        ("search_path", "pg_catalog"), ("TimeZone", "'UTC'"), ("DateStyle", "'ISO'"), ("IntervalStyle", "'iso_8601'"),
        ("bytea_output", "'hex'"),
        ("extra_float_digits", "1"), ("lc_monetary", "'C'"), ("xmloption", "'content'"), ("standard_conforming_strings", "on"),
        ("quote_all_identifiers", "off"), // Names of types are compared as the server prints them.
        ("row_security", "off"), // A row that a policy hides would be inserted a second time; like this it is an error.
        ("statement_timeout", "0"), ("lock_timeout", "'2s'"), ("idle_in_transaction_session_timeout", "'60s'"),
        ("idle_session_timeout", "0"),
        ("default_transaction_isolation", "'read committed'"), ("default_transaction_read_only", "off"), ("jit", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("enable_seqscan", "off"), ("enable_bitmapscan", "off"),
        ("enable_material", "off"),
        ("enable_indexscan", "on"), ("enable_nestloop", "on"),
    ];

    /// <summary>For a session of ours alone.</summary>
    /// <param name="major">The server's version: a name that it does not know would be refused.</param>
    public static string ForSession(int major) => Text("SET", major);

    /// <summary>For the present transaction, before its first other statement; whoever gets the session next finds it as it was.</summary>
    /// <param name="major">The server's version.</param>
    public static string ForTransaction(int major) => "SET TRANSACTION READ WRITE; " + Text("SET LOCAL", major);

    private static string Text(string set, int major)
    {
        IEnumerable<(string Name, string Value)> known = major >= 17 ? [.. All, ("transaction_timeout", "0")] : All;
        return string.Join("; ", known.Select(setting => $"{set} {setting.Name} = {setting.Value}"));
    }
}

namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>What the role of capture may, and the settings it is given.</summary>
internal static class RightDeeds
{
    private const string Ours = $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{SourceServer.Role}'";

    private static readonly (string Name, string[] Settings)[] Settings =
    [
        ("lock_timeout", ["lock_timeout = '200ms'"]),
        ("statement_timeout", ["statement_timeout = '300ms'"]),
        ("idle_session_timeout", ["idle_session_timeout = '2s'"]),
        ("timeouts of transactions",
        [
            "idle_in_transaction_session_timeout = '500ms'", "transaction_timeout = '1s'", "tcp_user_timeout = 1000",
        ]),
        ("transactions that read only", ["default_transaction_read_only = on"]),
        ("kind of transactions",
        [
            "default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on", "synchronous_commit = off",
        ]),
        ("search_path", ["search_path = monkey"]),
        ("row_security", ["row_security = off"]),
        ("forms of times", ["datestyle = 'SQL, DMY'", "intervalstyle = sql_standard", "timezone = 'Asia/Kolkata'"]),
        ("forms of texts", ["bytea_output = escape", "extra_float_digits = -10", "xmloption = document", "client_encoding = 'LATIN1'"]),
        ("forms of names",
        [
            "quote_all_identifiers = on", "backslash_quote = off", "standard_conforming_strings = off", "escape_string_warning = on",
        ]),
        ("plans",
        [
            "enable_tidscan = off", "synchronize_seqscans = on", "force_parallel_mode = on", "debug_parallel_query = on",
            "jit_above_cost = 0", "random_page_cost = 1",
        ]),
    ];

    public static IReadOnlyList<Deed> All { get; } =
    [
        new("no right to read a table for a while",
            hand => RevokeAsync(hand, $"REVOKE SELECT ON {{0}} FROM {SourceServer.Owner}, {SourceServer.Role}",
                $"GRANT SELECT ON {{0}} TO {SourceServer.Owner}")),
        new("no right to read a column for a while", RevokeColumnAsync),
        new("no right to use a schema for a while", RevokeSchemaAsync),
        new("row security for a while", RowSecurityAsync),
        new("the role may not replicate for a while", hand => RoleAsync(hand, "NOREPLICATION", "REPLICATION")),
        new("the role may not log in for a while", hand => RoleAsync(hand, "NOLOGIN", "LOGIN")),
        new("the role may have one session for a while", hand => RoleAsync(hand, "CONNECTION LIMIT 1", "CONNECTION LIMIT -1")),
        new("another owner of a table", OwnerAsync),
        new("rights granted to somebody", GrantAsync),
        .. Settings.Select(setting => new Deed($"the role's {setting.Name}", hand => SettingAsync(hand, setting.Settings))),
        new("the database's lock_timeout and timezone", DatabaseSettingAsync),
    ];

    private static async Task RevokeAsync(Hand hand, string revoke, string grant)
    {
        var table = await hand.TakeAnyAsync();
        await hand.CommandAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, revoke, table.Sql));
        // A rewrite asks for a read, which is refused.
        await hand.DoAsync($"VACUUM FULL {table.Sql}");
        await hand.TouchAsync(table);
        await hand.PauseAsync(5);
        await hand.CommandAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, grant, table.Sql));
    }

    private static async Task RevokeColumnAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Keyed);
        await hand.CommandAsync(
            $"REVOKE SELECT ON {table.Sql} FROM {SourceServer.Owner}; GRANT SELECT (id, a) ON {table.Sql} TO {SourceServer.Owner}");
        await hand.DoAsync($"VACUUM FULL {table.Sql}");
        await hand.TouchAsync(table);
        await hand.PauseAsync(5);
        await hand.CommandAsync(
            $"REVOKE SELECT (id, a) ON {table.Sql} FROM {SourceServer.Owner}; GRANT SELECT ON {table.Sql} TO {SourceServer.Owner}");
    }

    private static async Task RevokeSchemaAsync(Hand hand)
    {
        var table = await TableDeeds.MakeAsync(hand, "ops");
        var schema = $"area_{Hand.Fresh()}";
        await hand.DoAsync($"CREATE SCHEMA {schema}; ALTER TABLE {table.Sql} SET SCHEMA {schema}");
        table.Schema = schema;
        await hand.PauseAsync();
        await hand.CommandAsync($"REVOKE USAGE ON SCHEMA {schema} FROM {SourceServer.Owner}");
        await hand.CommandAsync($"VACUUM FULL {table.Sql}");
        await hand.TouchAsync(table);
        await hand.PauseAsync(5);
        await hand.CommandAsync($"GRANT USAGE ON SCHEMA {schema} TO {SourceServer.Owner}");
    }

    private static async Task RowSecurityAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.DoAsync($"ALTER TABLE {table.Sql} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
        await hand.CommandAsync($"VACUUM FULL {table.Sql}");
        await hand.TouchAsync(table);
        await hand.PauseAsync(5);
        await hand.DoAsync($"ALTER TABLE {table.Sql} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY");
    }

    private static Task RoleAsync(Hand hand, string change, string back) => hand.Monkey.WithRoleAsync(async () =>
    {
        await hand.CommandAsync($"ALTER ROLE {SourceServer.Role} {change}");
        await hand.CommandAsync(Ours);
        await hand.PauseAsync(3);
        await hand.CommandAsync($"ALTER ROLE {SourceServer.Role} {back}");
    });

    private static async Task OwnerAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.CommandAsync($"ALTER TABLE {table.Sql} OWNER TO postgres; GRANT SELECT ON {table.Sql} TO {SourceServer.Role}");
        await hand.TouchAsync(table);
        await hand.PauseAsync();
        await hand.CommandAsync($"ALTER TABLE {table.Sql} OWNER TO {SourceServer.Owner}");
    }

    private static async Task GrantAsync(Hand hand)
    {
        var table = await hand.TakeAnyAsync();
        await hand.DoAsync(
            $"GRANT ALL ON {table.Sql} TO PUBLIC; COMMENT ON TABLE {table.Sql} IS 'of the shop'; REVOKE INSERT ON {table.Sql} FROM PUBLIC");
    }

    /// <summary>Settings that this server has, for all new sessions of the role.</summary>
    private static Task SettingAsync(Hand hand, string[] settings) => hand.Monkey.WithRoleAsync(async () =>
    {
        foreach (var setting in settings)
        {
            if (await hand.AskAsync<bool>($"SELECT EXISTS (SELECT FROM pg_settings WHERE name = '{setting.Split(' ')[0]}')"))
                await hand.CommandAsync($"ALTER ROLE {SourceServer.Role} SET {setting}");
        }

        await hand.CommandAsync(Ours);
        var table = await hand.TakeAnyAsync();
        await hand.DoAsync($"VACUUM FULL {table.Sql}");
        await hand.TouchAsync(table);
        await hand.PauseAsync(5);
        await hand.CommandAsync($"ALTER ROLE {SourceServer.Role} RESET ALL");
        await hand.CommandAsync(Ours);
    });

    private static Task DatabaseSettingAsync(Hand hand) => hand.Monkey.WithRoleAsync(async () =>
    {
        await hand.CommandAsync(
            "ALTER DATABASE source SET lock_timeout = '200ms'; ALTER DATABASE source SET timezone = 'America/St_Johns'");
        await hand.CommandAsync(Ours);
        await hand.PauseAsync(5);
        await hand.CommandAsync("ALTER DATABASE source RESET lock_timeout; ALTER DATABASE source RESET timezone");
        await hand.CommandAsync(Ours);
    });
}

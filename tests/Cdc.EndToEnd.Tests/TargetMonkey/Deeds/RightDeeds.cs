using Cdc.EndToEnd.Tests.Monkey;

namespace Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

/// <summary>Rights, owners, policies and settings of the role that the sink logs in as.</summary>
internal static class RightDeeds
{
    private const string Denied = "CDC-5025";

    private static readonly string[] Settings =
    [
        "quote_all_identifiers = on", "statement_timeout = '150ms'", "lock_timeout = '100ms'",
        "idle_in_transaction_session_timeout = '100ms'", "idle_session_timeout = '300ms'",
        "transaction_timeout = '300ms'", "default_transaction_read_only = on", "default_transaction_isolation = 'serializable'",
        "search_path = nowhere", "DateStyle = 'SQL, DMY'",
        "IntervalStyle = 'sql_standard'", "bytea_output = 'escape'", "extra_float_digits = -10", "TimeZone = 'America/St_Johns'",
        "client_encoding = 'LATIN1'", "row_security = off",
        "standard_conforming_strings = off", "escape_string_warning = off", "check_function_bodies = off", "default_tablespace = ''",
        "temp_buffers = '800kB'", "work_mem = '64kB'",
        "synchronous_commit = off", "vacuum_freeze_min_age = 0", "default_toast_compression = 'pglz'", "xmloption = 'document'",
        "array_nulls = off", "transform_null_equals = on",
        "default_transaction_deferrable = on", "gin_pending_list_limit = '64kB'", "backslash_quote = off", "constraint_exclusion = on",
        "enable_indexscan = off", "enable_nestloop = off",
    ];

    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        new("revoke all of a table", hand => StopAsync(hand, "REVOKE ALL ON {0} FROM sink", "GRANT ALL ON {0} TO sink")),
        new("revoke the right to insert", hand => StopAsync(hand, "REVOKE INSERT ON {0} FROM sink", "GRANT INSERT ON {0} TO sink")),
        new("revoke the right to read", hand => StopAsync(hand, "REVOKE SELECT ON {0} FROM sink", "GRANT SELECT ON {0} TO sink")),
        new("revoke the right to delete", hand => StopAsync(hand, "REVOKE DELETE ON {0} FROM sink", "GRANT DELETE ON {0} TO sink")),
        new("revoke a schema", SchemaAsync),
        new("another owner", OwnerAsync),
        new("another owner without rights", hand => StopAsync(hand, "ALTER TABLE {0} OWNER TO other", "ALTER TABLE {0} OWNER TO sink")),
        new("row level security", hand => StopAsync(hand, "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")),
        new("a policy that hides rows", PolicyAsync),
        new("the ledger's rights revoked for a while",
            hand => SinkAsync(hand, "REVOKE ALL ON _cdc.ledger, _cdc.tables FROM sink", "GRANT ALL ON _cdc.ledger, _cdc.tables TO sink")),
        new("the bookkeeping's schema revoked for a while",
            hand => SinkAsync(hand, "REVOKE ALL ON SCHEMA _cdc FROM sink", "GRANT ALL ON SCHEMA _cdc TO sink")),
        new("the role may not log in for a while", hand => SinkAsync(hand, "ALTER ROLE sink NOLOGIN", "ALTER ROLE sink LOGIN")),
        new("the role may not connect for a while",
            hand => SinkAsync(hand, "REVOKE CONNECT ON DATABASE target FROM PUBLIC", "GRANT CONNECT ON DATABASE target TO PUBLIC")),
        new("the role may make no temporary tables for a while",
            hand => SinkAsync(hand, "REVOKE TEMPORARY ON DATABASE target FROM sink, PUBLIC", "GRANT TEMPORARY ON DATABASE target TO sink")),
        new("no connection for the role for a while",
            hand => SinkAsync(hand, "ALTER ROLE sink CONNECTION LIMIT 0", "ALTER ROLE sink CONNECTION LIMIT -1")),
        new("the database takes no connections for a while", DatabaseAsync) { IsAlone = true },
        new("the database has another name for a while", RenameDatabaseAsync) { IsAlone = true },
        new("settings of the role",
            hand => SettingAsync(hand, [Settings[hand.Random.Next(Settings.Length)], Settings[hand.Random.Next(Settings.Length)]])),
        new("every setting of the role", hand => SettingAsync(hand, Settings)),
        new("settings of the database", hand => SettingAsync(hand, Settings, "DATABASE target")),
    ];

    private static async Task StopAsync(TargetHand hand, string cause, string cure)
    {
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Composite, Shape.Toasted);
        await hand.StopsAsync(table, string.Format(null, cause, table.Sql), string.Format(null, cure, table.Sql), Denied);
    }

    private static async Task SchemaAsync(TargetHand hand)
    {
        var tables = await hand.TakeSchemaAsync(Stock.Yard);
        await hand.StopsAsync(tables[0], $"ALTER SCHEMA {Stock.Yard} OWNER TO other; REVOKE ALL ON SCHEMA {Stock.Yard} FROM sink",
            $"ALTER SCHEMA {Stock.Yard} OWNER TO sink", Denied);
        await hand.SettlesAsync(tables);
    }

    /// <summary>Who may change its rows may not change its columns.</summary>
    private static async Task OwnerAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.DbaAsync($"ALTER TABLE {table.Sql} OWNER TO other; GRANT ALL ON {table.Sql} TO sink");
        await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} int");
        await hand.TouchAsync(table);
        await hand.MeetsAsync(table, Denied);
        await hand.DbaAsync($"ALTER TABLE {table.Sql} OWNER TO sink");
    }

    private static async Task PolicyAsync(TargetHand hand)
    {
        var table = await hand.TakeAsync();
        await hand.StopsAsync(table,
            $"ALTER TABLE {table.Sql} OWNER TO other; GRANT ALL ON {table.Sql} TO sink; CREATE POLICY few ON {table.Sql} USING (a < 5); " +
            $"ALTER TABLE {table.Sql} ENABLE ROW LEVEL SECURITY",
            $"DROP POLICY few ON {table.Sql}; ALTER TABLE {table.Sql} DISABLE ROW LEVEL SECURITY; ALTER TABLE {table.Sql} OWNER TO sink",
            Denied);
    }

    /// <summary>The sink as a whole can do nothing: it waits, and continues by itself.</summary>
    private static Task SinkAsync(TargetHand hand, string cause, string cure) => hand.Scene.WithRoleAsync(async () =>
    {
        // Who is started meanwhile, and was never let in, ends with what is missing.
        await hand.Scene.Mirror.WithProcessAsync(async _ =>
        {
            await hand.DbaAsync(cause);
            await hand.KillOursAsync();
            await TouchAnyAsync(hand);
            await TargetHand.WaitAsync(2);
            await hand.DbaAsync(cure);
        });
    });

    private static async Task TouchAnyAsync(TargetHand hand) => await hand.TouchAsync(await hand.TakeAsync());

    private static Task DatabaseAsync(TargetHand hand) => WithDatabaseAsync(hand, async () =>
    {
        await hand.MaintainAsync("ALTER DATABASE target ALLOW_CONNECTIONS false");
        await hand.KillOursAsync();
        await TargetHand.WaitAsync(2);
        await hand.MaintainAsync("ALTER DATABASE target ALLOW_CONNECTIONS true");
    });

    private static Task RenameDatabaseAsync(TargetHand hand) => WithDatabaseAsync(hand, async () =>
    {
        await hand.RenameDatabaseAsync(Warehouse.Database, "target_away");
        await TargetHand.WaitAsync(2);
        await hand.RenameDatabaseAsync("target_away", Warehouse.Database);
    });

    private static Task WithDatabaseAsync(TargetHand hand, Func<Task> what) =>
        hand.Scene.WithServerAsync(() => hand.Scene.WithRoleAsync(() => hand.Scene.Mirror.WithProcessAsync(_ => what())));

    /// <summary>Settings that this server has, for all new sessions.</summary>
    private static Task SettingAsync(TargetHand hand, string[] settings, string of = "ROLE sink") => hand.Scene.WithRoleAsync(async () =>
    {
        foreach (var setting in settings)
        {
            if (await hand.AskAsync<bool>($"SELECT EXISTS (SELECT FROM pg_settings WHERE name = '{setting.Split(' ')[0]}')"))
                await hand.DbaAsync($"ALTER {of} SET {setting}");
        }

        await hand.KillOursAsync();
        var table = await hand.TakeAsync(Shape.Keyed, Shape.Keyless);
        await hand.SourceAsync($"ALTER TABLE {table.Sql} ADD COLUMN c_{TargetHand.Fresh()} numeric(8,2)");
        await hand.TouchAsync(table);
        await hand.PauseAsync(4);
        await hand.DbaAsync($"ALTER {of} RESET ALL");
        await hand.KillOursAsync();
    });
}

namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>What the publication holds, how it publishes, and whether it is there at all.</summary>
internal static class PublicationDeeds
{
    /// <summary>The publication has the source's name.</summary>
    public const string Name = "shop";

    /// <summary>By their numbers: others rename tables meanwhile.</summary>
    private const string Members = $"""
        SELECT string_agg(r.prrelid::text, ', ') FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid AND p.pubname = '{Name}'
        """;

    /// <summary>What takes the column lists away: a publication has them, or whole schemas.</summary>
    private const string WithoutLists = $"""
        SELECT string_agg(format('ALTER PUBLICATION {Name} DROP TABLE %1$s; ALTER PUBLICATION {Name} ADD TABLE %1$s', r.prrelid::regclass), '; ')
        FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid AND p.pubname = '{Name}' WHERE r.prattrs IS NOT NULL
        """;

    public static IReadOnlyList<Deed> All { get; } =
    [
        new("out of the publication, changed, in again", hand => HideAsync(hand, wait: true)),
        new("out of the publication and in again at once", hand => HideAsync(hand, wait: false)),
        new("publish only inserts for a while",
            hand => OptionAsync(hand, "publish = 'insert'", "publish = 'insert, update, delete, truncate'")),
        new("partitions under their own names for a while",
            hand => OptionAsync(hand, "publish_via_partition_root = false", "publish_via_partition_root = true")),
        new("a row filter for a while", hand => MemberAsync(hand, _ => Task.FromResult(" WHERE (a % 2 = 0)"), "FULL")),
        new("a column list for a while", hand => MemberAsync(hand, table => KeyAndMoreAsync(hand, table), "DEFAULT")),
        new("the publication made again", RemakeAsync),
        new("all tables published for a while", AllTablesAsync),
        new("another name for the publication and back", RenameAsync),
        new("another owner of the publication", OwnerAsync),
        new("a schema published as a whole for a while", SchemaAsync),
        new("publish without truncate for a while",
            hand => OptionAsync(hand, "publish = 'insert, update, delete'", "publish = 'insert, update, delete, truncate'")),
    ];

    /// <summary>Leaves a table out of the publication for the time of something.</summary>
    public static async Task WithoutAsync(Hand hand, Victim table, Func<Task> what)
    {
        var wasIn = await IsMemberAsync(hand, table);
        if (wasIn)
            await hand.CommandAsync($"ALTER PUBLICATION {Name} DROP TABLE {table.Sql}");
        await what();
        // The product may have brought it back itself.
        if (wasIn && !await IsMemberAsync(hand, table))
            await hand.CommandAsync($"ALTER PUBLICATION {Name} ADD TABLE {table.Sql}");
    }

    private static Task<bool> IsMemberAsync(Hand hand, Victim table) => hand.AskAsync<bool>(
        $"SELECT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE p.pubname = '{Name}' AND " +
        $"r.prrelid = {Victim.Literal(table.Sql)}::regclass)");

    private static async Task HideAsync(Hand hand, bool wait)
    {
        var table = await hand.TakeAnyAsync();
        await WithoutAsync(hand, table, async () =>
        {
            await hand.TouchAsync(table);
            if (wait)
                await hand.PauseAsync(5);
        });
    }

    private static Task OptionAsync(Hand hand, string option, string back) => hand.Monkey.WithPublicationAsync(async () =>
    {
        var table = await hand.TakeAnyAsync();
        var parted = await hand.TakeAsync(Shape.Partitioned);
        await hand.CommandAsync($"ALTER PUBLICATION {Name} SET ({option})");
        await hand.TouchAsync(table);
        await hand.TouchAsync(parted);
        await hand.PauseAsync();
        await hand.CommandAsync($"ALTER PUBLICATION {Name} SET ({back})");
        await hand.TouchAsync(table);
    });

    /// <summary>The table as a member of another kind: dropped and added in one transaction, as it cannot be altered in place.</summary>
    private static Task MemberAsync(Hand hand, Func<Victim, Task<string>> limit, string identity) =>
        hand.Monkey.WithPublicationAsync(async () =>
        {
            var table = await hand.TakeAsync(Shape.Keyed);
            var drop = await IsMemberAsync(hand, table) ? $"ALTER PUBLICATION {Name} DROP TABLE {table.Sql};" : "";
            await hand.CommandAsync($"ALTER TABLE {table.Sql} REPLICA IDENTITY {identity}; {drop} ALTER PUBLICATION {Name} ADD TABLE " +
                $"{table.Sql}{await limit(table)}");
            try
            {
                await hand.TouchAsync(table);
                await hand.PauseAsync();
            }
            finally
            {
                // Also where the server refused a change: what is left of the limit would be in the way of others.
                await hand.CommandAsync(
                    $"ALTER PUBLICATION {Name} DROP TABLE {table.Sql}; ALTER PUBLICATION {Name} ADD TABLE {table.Sql}; ALTER " +
                    $"TABLE {table.Sql} REPLICA IDENTITY DEFAULT");
            }

            await hand.TouchAsync(table);
        });

    /// <summary>The key as it is now, for others gave it columns, and one more: a list without the key lets nothing change.</summary>
    private static Task<string> KeyAndMoreAsync(Hand hand, Victim table) => hand.AskAsync<string>($"""
        SELECT format(' (%s)', string_agg(quote_ident(attname), ', ')) FROM pg_attribute a
        WHERE attrelid = {Victim.Literal(table.Sql)}::regclass AND (attname = 'a' OR EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)))
        """);

    /// <summary>From 18 on as it was: a column that is no longer sent stays in the target with the values it had.</summary>
    private static string SendStored =>
        $"IF current_setting('server_version_num')::int >= 180000 THEN EXECUTE 'ALTER PUBLICATION {Name} SET (publish_generated_columns " +
        "= stored)'; END IF;";

    private static Task RemakeAsync(Hand hand) => hand.Monkey.WithPublicationAsync(async () =>
    {
        var table = await hand.TakeAnyAsync();
        var members = await hand.AskAsync<string>(Members);
        await hand.CommandAsync($"DROP PUBLICATION {Name}");
        await hand.TouchAsync(table);
        await hand.PauseAsync(2);
        await CreateAsync(hand, members);
    });

    private static Task AllTablesAsync(Hand hand) => hand.Monkey.WithPublicationAsync(async () =>
    {
        var members = await hand.AskAsync<string>(Members);
        await hand.CommandAsync(
            $"DROP PUBLICATION {Name}; CREATE PUBLICATION {Name} FOR ALL TABLES WITH (publish_via_partition_root = true); DO $do$ " +
            $"BEGIN {SendStored} END $do$");
        await hand.PauseAsync();
        var table = await TableDeeds.MakeAsync(hand);
        await hand.TouchAsync(table);
        await hand.Monkey.RestartMirrorAsync();
        await hand.PauseAsync(5);
        await CreateAsync(hand, $"{members}, {Victim.Literal(table.Sql)}::regclass", $"DROP PUBLICATION {Name};");
    });

    private static Task RenameAsync(Hand hand) => hand.Monkey.WithPublicationAsync(async () =>
    {
        var table = await hand.TakeAnyAsync();
        await hand.CommandAsync($"ALTER PUBLICATION {Name} RENAME TO {Name}_away");
        await hand.TouchAsync(table);
        await hand.PauseAsync(2);
        await hand.CommandAsync($"ALTER PUBLICATION {Name}_away RENAME TO {Name}");
    });

    private static Task OwnerAsync(Hand hand) => hand.Monkey.WithPublicationAsync(async () =>
    {
        await hand.CommandAsync($"ALTER PUBLICATION {Name} OWNER TO {SourceServer.Owner}");
        await TableDeeds.MakeAsync(hand);
    });

    private static Task SchemaAsync(Hand hand) => hand.Monkey.WithPublicationAsync(async () =>
    {
        var schema = $"area_{Hand.Fresh()}";
        await hand.DoAsync($"CREATE SCHEMA {schema}");
        if (await hand.AskAsync<string>(WithoutLists) is { } withoutLists)
            await hand.CommandAsync(withoutLists);
        await hand.CommandAsync($"ALTER PUBLICATION {Name} ADD TABLES IN SCHEMA {schema}");
        Victim table;
        try
        {
            table = await TableDeeds.MakeAsync(hand, schema);
            await hand.PauseAsync();
            await hand.TouchAsync(table);
        }
        finally
        {
            await hand.CommandAsync($"ALTER PUBLICATION {Name} DROP TABLES IN SCHEMA {schema}");
        }

        if (!await IsMemberAsync(hand, table))
            await hand.CommandAsync($"ALTER PUBLICATION {Name} ADD TABLE {table.Sql}");
    });

    /// <summary>
    /// Makes the publication, unless the product was faster. A table that is renamed or dropped while this waits for its lock is no reason
    /// to have no publication.
    /// </summary>
    private static Task CreateAsync(Hand hand, string members, string before = "") => hand.CommandAsync($"""
        DO $do$ DECLARE tables text; BEGIN
        FOR tries IN 1..20 LOOP
          BEGIN
            {before}
            SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') INTO STRICT tables
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid IN ({members});
            EXECUTE 'CREATE PUBLICATION {Name} FOR TABLE ' || tables || ' WITH (publish_via_partition_root = true)';
            ALTER PUBLICATION {Name} OWNER TO {SourceServer.Role};
            {SendStored}
            RETURN;
          EXCEPTION WHEN undefined_table OR invalid_schema_name THEN NULL; WHEN duplicate_object THEN RETURN;
          END;
        END LOOP;
        RAISE 'the publication could not be made in 20 tries';
        END $do$
        """);
}

using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Checks;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Types;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Postgres.Checks;

public sealed class RulesTests
{
    private static readonly PostgresOptions Options = new()
    {
        Host = "db", Database = "shop", User = "cdc", Slot = "shop", Publication = "shop", Create = true,
    };

    private static SourceFacts Facts { get; } = new()
    {
        SystemIdentifier = "1", Timeline = 1, Version = 160_003, Database = "shop", Encoding = "UTF8", IsInRecovery = false,
        WalLevel = "logical",
        MaxReplicationSlots = 10, MaxWalSenders = 10, MaxSlotWalKeepBytes = 20L << 30, WalSenderTimeout = TimeSpan.FromSeconds(60),
        CanReplicate = true, IsSuperuser = false, Slots = [], Publications = [],
    };

    private static SourceRights Rights { get; } = new()
    {
        Role = "cdc", HasProvidersReplication = false, MayCreate = true, OwnsPublication = null, ActiveSenders = 0,
        Tables = new Dictionary<TableId, TableRights> { [new TableId("public", "orders")] = new(IsOwner: true, MayRead: true,
            IsRestricted: false) },
    };

    private static CatalogTable Orders { get; } = new(1, new TableId("public", "orders"))
    {
        IsPartitioned = false, Identity = ReplicaIdentity.Default, Key = ["id"], Columns = [], GeneratedColumns = [], EstimatedRows = 10,
        FileNode = 1, Leaves = [],
    };

    private static SessionRoom Room { get; } = new()
    {
        Connections = 100, Used = 10, RoleLimit = null, RoleUsed = 0, DatabaseLimit = null, DatabaseUsed = 0,
    };

    private static SourceSlot Slot { get; } = new("shop") { Plugin = "pgoutput", Database = "shop", WalStatus = "reserved" };

    [Fact]
    public void Accepts_a_server_as_it_should_be() =>
        Assert.All(Server(Facts), finding => Assert.Equal(FindingLevel.Good, finding.Level));

    [Theory]
    [InlineData("", false)]
    [InlineData("*", true)]
    [InlineData("ANY 1 (*)", true)]
    [InlineData("FIRST 2 (near, \"cdc\")", true)]
    [InlineData("2 (near,CDC)", true)]
    [InlineData("near, cdc_standby", false)]
    [InlineData("FIRST 1 (near)", false)]
    public void Warns_where_commits_wait_for_capture(string names, bool warns)
    {
        var warning = Server(Facts with { SynchronousStandbys = names })
            .SingleOrDefault(finding => finding.Subject == "synchronous_standby_names");

        Assert.Equal(warns, warning is not null);
        Assert.True(warning is null
            || (warning.Level == FindingLevel.Warning && warning.Remedy!.Contains("ALTER SYSTEM", StringComparison.Ordinal)));
    }

    public static TheoryData<string, SourceFacts, string?> UnsuitableServers() => new()
    {
        { "version", Facts with { Version = 130_004 }, "Upgrade" },
        { "server", Facts with { IsInRecovery = true }, "primary" },
        { "wal_level", Facts with { WalLevel = "replica" }, "ALTER SYSTEM SET wal_level = logical" },
        { "role", Facts with { CanReplicate = false }, "ALTER ROLE \"cdc\" REPLICATION" },
        { "slots", Facts with { MaxReplicationSlots = 0 }, "max_replication_slots = 4" },
        { "WAL senders", Facts with { MaxWalSenders = 1 }, "max_wal_senders = 4" },
    };

    [Theory]
    [MemberData(nameof(UnsuitableServers))]
    public void Rejects_a_server_and_says_what_mends_it(string subject, SourceFacts facts, string? remedy)
    {
        var fault = Assert.Single(Server(facts), finding => finding.Level == FindingLevel.Fault);

        Assert.Equal(subject, fault.Subject);
        Assert.Contains(remedy!, fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var facts = Facts with { WalLevel = "replica", CanReplicate = false, MaxReplicationSlots = 0, IsInRecovery = true };

        Assert.Equal(4, Server(facts).Count(finding => finding.Level == FindingLevel.Fault));
    }

    [Fact]
    public void Warns_of_what_will_give_trouble_later()
    {
        Assert.Contains(Server(Facts with { MaxSlotWalKeepBytes = null }), Warns("max_slot_wal_keep_size", "no limit"));
        Assert.Contains(Server(Facts with { MaxSlotWalKeepBytes = 64 << 20 }), Warns("max_slot_wal_keep_size", "64 MiB"));
        Assert.Contains(Server(Facts with { WalSenderTimeout = TimeSpan.FromSeconds(2) }), Warns("wal_sender_timeout", "2000 ms"));
        Assert.Contains(Server(Facts with { Version = 190_000 }), Warns("version", "19.0"));
        Assert.Contains(Server(Facts with { Encoding = "SQL_ASCII" }), Warns("encoding", "SQL_ASCII"));
    }

    public static TheoryData<SessionRoom, string, string> RoomsTooSmall() => new()
    {
        { Room with { Used = 96 }, "connections", "max_connections = 111" },
        { Room with { RoleLimit = 8, RoleUsed = 3 }, "connections of role 'cdc'", "ALTER ROLE \"cdc\" CONNECTION LIMIT 9;" },
        { Room with { DatabaseLimit = 40, DatabaseUsed = 35 }, "connections to database 'shop'",
            "ALTER DATABASE \"shop\" CONNECTION LIMIT 51;" },
    };

    [Theory]
    [MemberData(nameof(RoomsTooSmall))]
    public void Rejects_a_server_that_has_no_room_for_the_sessions(SessionRoom room, string subject, string remedy)
    {
        var fault = Assert.Single(SessionRules.Judge(room, "cdc", "shop", parallel: 2), finding => finding.Level == FindingLevel.Fault);

        Assert.Equal(subject, fault.Subject);
        Assert.Contains(remedy, fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Accepts_a_server_with_just_enough_room() => Assert.All(
        SessionRules.Judge(Room with { Used = 95, RoleLimit = 9, RoleUsed = 3, DatabaseLimit = 41, DatabaseUsed = 35 }, "cdc", "shop",
            parallel: 2),
        finding => Assert.Equal(FindingLevel.Good, finding.Level));

    [Fact]
    public void Accepts_the_replication_role_of_a_hosting_provider() =>
        Assert.DoesNotContain(ServerRules.Judge(Facts with { CanReplicate = false }, Rights with { HasProvidersReplication = true },
            "shop"), finding => finding.Level != FindingLevel.Good);

    [Fact]
    public void A_slot_that_is_missing_is_made_only_where_that_was_asked_for()
    {
        Assert.Equal(FindingLevel.Good, Assert.Single(SlotRules.Judge(Facts, Options)).Level);

        var fault = Assert.Single(SlotRules.Judge(Facts, Options with { Create = false }));
        Assert.Equal((FindingLevel.Fault, ErrorCodes.SourceSlotMissing), (fault.Level, fault.Code));
        Assert.Contains("pg_create_logical_replication_slot('shop', 'pgoutput')", fault.Remedy, StringComparison.Ordinal);
    }

    public static TheoryData<SourceSlot, string> UnsuitableSlots() => new()
    {
        { Slot with { Plugin = "wal2json" }, "CDC-2024" },
        { Slot with { Plugin = null, Database = null }, "CDC-2024" },
        { Slot with { Database = "other" }, "CDC-2024" },
        { Slot with { IsTwoPhase = true }, "CDC-2024" },
        { Slot with { WalStatus = "lost" }, "CDC-2007" },
        { Slot with { InvalidationReason = "idle_timeout" }, "CDC-2007" },
    };

    [Theory]
    [MemberData(nameof(UnsuitableSlots))]
    public void Rejects_a_slot_that_cannot_serve(SourceSlot slot, string code)
    {
        var fault = Assert.Single(SlotRules.Judge(Facts with { Slots = [slot] }, Options), finding => finding.Level == FindingLevel.Fault);

        Assert.Equal(code, fault.Code?.ToString());
    }

    [Fact]
    public void A_slot_of_another_database_is_named_with_the_statement_that_drops_it()
    {
        var fault = Assert.Single(SlotRules.Judge(Facts with { Slots = [Slot with { Database = "other" }] }, Options),
            finding => finding.Level == FindingLevel.Fault);

        Assert.Contains("SELECT pg_drop_replication_slot('shop'); -- in database 'other'", fault.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Warns_of_a_slot_in_use_and_of_one_in_danger()
    {
        Assert.Contains(SlotRules.Judge(Facts with { Slots = [Slot with { ActivePid = 4711 }] }, Options), Warns("slot 'shop'", "4711"));
        Assert.Contains(SlotRules.Judge(Facts with { Slots = [Slot with { WalStatus = "unreserved" }] }, Options),
            Warns("slot 'shop'", "unreserved"));
        Assert.Equal(FindingLevel.Good, Assert.Single(SlotRules.Judge(Facts with { Slots = [Slot] }, Options)).Level);
    }

    [Fact]
    public void A_publication_that_is_missing_needs_the_right_to_make_it()
    {
        Assert.Equal(FindingLevel.Good, Assert.Single(Publication(Facts, Rights, Options)).Level);
        Assert.Contains("CREATE PUBLICATION \"shop\" FOR TABLE \"public\".\"orders\"",
            Assert.Single(Publication(Facts, Rights, Options with { Create = false })).Remedy, StringComparison.Ordinal);
        Assert.Contains("no CREATE on the database", Assert.Single(Publication(Facts, Rights with { MayCreate = false }, Options)).Message,
            StringComparison.Ordinal);
        Assert.Contains("does not own 'public.orders'",
            Assert.Single(Publication(Facts, Of(new TableRights(false, true, false)), Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_publication_has_what_is_selected_as_it_should_be_published()
    {
        var whole = new SourcePublication("shop")
        {
            ViaRoot = true, Inserts = true, Updates = true, Deletes = true, Truncates = true,
            Tables = [new PublishedTable(Orders.Id, [], null)],
        };
        IEnumerable<Finding> Judged(SourcePublication publication, PostgresOptions? options = null, SourceRights? rights = null) =>
            Publication(Facts with { Publications = [publication] }, rights ?? Rights with { OwnsPublication = true }, options ?? Options);

        Assert.Equal(FindingLevel.Good, Assert.Single(Judged(whole)).Level);
        Assert.Contains(Judged(whole with { Truncates = false }), Warns("publication 'shop'", "every kind"));
        Assert.Contains(Judged(whole with { Tables = [new PublishedTable(Orders.Id, [], "id > 3")] }),
            Warns("publication 'shop'", "row filter"));
        Assert.Contains(Judged(whole with { Tables = [] }, Options with { Create = false }), Warns("publication 'shop'", "is left out"));
        Assert.Contains(Judged(whole with { Tables = [] }, rights: Rights with { OwnsPublication = false }),
            finding => finding.Level == FindingLevel.Fault);
        Assert.Contains(Judged(whole with { Tables = [new PublishedTable(Orders.Id, ["total"], null)] }),
            finding => finding.Code == ErrorCodes.SourceKeyUnknown);
        Assert.Contains(PublicationRules.Judge(Facts with { Publications = [whole with { ViaRoot = false }] }, Rights, Options,
            [Orders with { IsPartitioned = true }]),
            finding => finding.Remedy?.Contains("publish_via_partition_root = true", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Tables_are_identified_readable_and_named()
    {
        Assert.Equal(FindingLevel.Good, Assert.Single(Tables(Orders)).Level);
        Assert.Contains(Tables(Orders with { Key = [] }), Faulty("table 'public.orders'", "nothing identifies"));
        Assert.DoesNotContain(Tables(Orders with { Key = [], Identity = ReplicaIdentity.Full }),
            finding => finding.Level == FindingLevel.Fault);
        Assert.Contains(TableRules.Judge([Orders], Of(new TableRights(true, false, false)), publication: null, [], "shop"),
            Faulty("table 'public.orders'", "may not read"));
        Assert.Contains(TableRules.Judge([Orders], Of(new TableRights(true, true, true)), publication: null, [], "shop"),
            Faulty("table 'public.orders'", "row security"));
        Assert.Contains(TableRules.Judge([Orders], Rights, publication: null, ["public.*", "public.ordres"], "shop"),
            Warns("tables", "'public.ordres' matches no table"));
        Assert.Contains(TableRules.Judge([], Rights, publication: null, [], "shop"), Warns("tables", "none"));
        Assert.Contains(
            Tables(Orders with
            {
                IsPartitioned = true, Leaves = [new CatalogPartition(2, new TableId("public", "orders_1"), 3, ReplicaIdentity.Nothing)],
            }),
            Faulty("table 'public.orders'", "orders_1"));
    }

    [Fact]
    public void Tables_that_would_share_a_topic_are_told_with_the_setting_that_tells_them_apart()
    {
        var tables = (CatalogTable[])[Orders with { Id = new TableId("public", "a$b") }, Orders with { Id = new TableId("public", "a_b") }];
        Assert.DoesNotContain(TableRules.Judge([.. tables], Rights, publication: null, [], "shop"),
            finding => finding.Level == FindingLevel.Fault);
        Assert.Contains(TableRules.Judge([.. tables], Rights, publication: null, [], "shop", TopicSpelling.Underscores),
            Faulty("tables", "'public.a$b' and 'public.a_b' would share"));
    }

    [Fact]
    public void A_key_of_which_a_generated_column_is_not_sent_is_told_before_and_after_the_publication_is_there()
    {
        var table = Orders with { Key = ["id", "slug"], GeneratedColumns = [Column(2, "slug")] };
        var publication = new SourcePublication("shop")
        {
            ViaRoot = true, Inserts = true, Updates = true, Deletes = true, Truncates = true,
            Tables = [new PublishedTable(table.Id, ["id"], null)],
        };
        IEnumerable<Finding> Judged(int version, params SourcePublication[] publications) =>
            PublicationRules.Judge(Facts with { Version = version, Publications = [.. publications] },
                Rights with { OwnsPublication = true }, Options, [table]).Where(finding => finding.Code == ErrorCodes.SourceKeyUnknown);

        Assert.Contains("ALTER TABLE \"public\".\"orders\" REPLICA IDENTITY USING INDEX", Assert.Single(Judged(170_002)).Remedy,
            StringComparison.Ordinal);
        Assert.Contains("REPLICA IDENTITY USING INDEX", Assert.Single(Judged(170_002, publication)).Remedy, StringComparison.Ordinal);
        Assert.Contains("publish_generated_columns = stored", Assert.Single(Judged(180_000, publication)).Remedy, StringComparison.Ordinal);
        Assert.Empty(Judged(180_000));
        Assert.Empty(Judged(180_000, publication with { Tables = [new PublishedTable(table.Id, ["id", "slug"], null)] }));
        Assert.Empty(Judged(180_000, publication with { Tables = [] }));
    }

    private static CatalogColumn Column(short number, string name) =>
        new(number, name, true, new ResolvedType(new CatalogType(23, "pg_catalog", "int4", CatalogTypeKind.Plain), -1, "integer"),
            new TypeReference(23, -1));

    [Fact]
    public void Warns_of_generated_columns_that_the_publication_leaves_out()
    {
        var table = Orders with { GeneratedColumns = [Column(2, "stored"), Column(3, "virtual")] };
        var publication = new SourcePublication("shop") { Tables = [new PublishedTable(table.Id, ["id", "stored"], null)] };

        Assert.Contains(TableRules.Judge([table], Rights, publication, [], "shop"),
            Warns("table 'public.orders'", "not published: 'virtual'"));
        Assert.Contains(Tables(table), Warns("table 'public.orders'", "not published: 'stored', 'virtual'"));
        Assert.DoesNotContain(TableRules.Judge([table with { GeneratedColumns = [Column(2, "stored")] }], Rights, publication, [], "shop"),
            finding => finding.Level != FindingLevel.Good);
    }

    private static IReadOnlyList<Finding> Server(SourceFacts facts) => [.. ServerRules.Judge(facts, Rights, "shop")];

    private static IEnumerable<Finding> Publication(
        SourceFacts facts, SourceRights rights, PostgresOptions options) => PublicationRules.Judge(facts, rights, options, [Orders]);

    private static IEnumerable<Finding> Tables(CatalogTable table) => TableRules.Judge([table], Rights, publication: null, [], "shop");

    private static SourceRights Of(TableRights rights) =>
        Rights with { Tables = new Dictionary<TableId, TableRights> { [Orders.Id] = rights } };

    private static Predicate<Finding> Warns(string subject, string words) => Of(FindingLevel.Warning, subject, words);

    private static Predicate<Finding> Faulty(string subject, string words) => Of(FindingLevel.Fault, subject, words);

    private static Predicate<Finding> Of(FindingLevel level, string subject, string words) => finding =>
        finding.Level == level && finding.Subject == subject && finding.Message.Contains(words, StringComparison.Ordinal);
}

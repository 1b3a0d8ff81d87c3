using System.Collections.Immutable;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Cdc.Integration.Tests.Replication;
using Npgsql;

namespace Cdc.Integration.Tests.Types;

public sealed class CatalogTests(ReplicatedServer server)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Names_are_taken_as_they_are()
    {
        var tables = await ReadAsync("""
            CREATE SCHEMA "Quoted_"" . Schema";
            CREATE TABLE "Quoted_"" . Schema"."Tab.le '\ ?" ("Id" int PRIMARY KEY, "id" int, "i d" int, "sel""ect" text, "1st" int, "  " int);
            """);
        var table = Assert.Single(tables);
        Assert.Equal(new TableId("Quoted_\" . Schema", "Tab.le '\\ ?"), table.Id);
        Assert.Equal(["Id", "id", "i d", "sel\"ect", "1st", "  "], table.Columns.Select(column => column.Name));
        var schema = TableDescriber.Describe(table).Schema;
        Assert.Equal(["Id", "id", "i_d", "sel_ect", "_1st", "__"], schema.Columns.Select(column => column.FieldName));
        Assert.Equal([0], schema.Key.ToArray());
    }

    [Fact]
    public async Task Key_is_the_replica_identitys()
    {
        var tables = await ReadAsync("""
            CREATE TABLE by_default (a int, b int, c int, PRIMARY KEY (c, a));
            CREATE TABLE by_index (a int PRIMARY KEY, b int NOT NULL, c int NOT NULL);
            CREATE UNIQUE INDEX by_index_key ON by_index (c, b) INCLUDE (a); ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_key;
            CREATE TABLE by_full (a int, b int PRIMARY KEY); ALTER TABLE by_full REPLICA IDENTITY FULL;
            CREATE TABLE by_full_alone (a int); ALTER TABLE by_full_alone REPLICA IDENTITY FULL;
            CREATE TABLE by_nothing (a int PRIMARY KEY); ALTER TABLE by_nothing REPLICA IDENTITY NOTHING;
            CREATE TABLE deferred (a int PRIMARY KEY DEFERRABLE);
            CREATE TABLE without_key (a int UNIQUE);
            """);
        Assert.Equal(
            ["by_default Default c,a", "by_full Full b", "by_full_alone Full ", "by_index Index c,b", "by_nothing Nothing ",
                "deferred Default ", "without_key Default "],
            tables.Select(table => $"{table.Id.Name} {table.Identity} {string.Join(',', table.Key)}"));
    }

    [Fact]
    public async Task Dropped_columns_are_gone_and_generated_ones_apart()
    {
        var table = Assert.Single(await ReadAsync("""
            CREATE TABLE t (a int, gone text, b int GENERATED ALWAYS AS (a * 2) STORED, c text NOT NULL); ALTER TABLE t DROP COLUMN gone;
            """));
        Assert.Equal([(1, "a", true), (4, "c", false)],
            table.Columns.Select(column => ((int)column.Number, column.Name, column.IsNullable)));
        Assert.Equal(["b"], table.GeneratedColumns.Select(column => column.Name));
    }

    [Fact]
    public async Task Table_without_columns_is_read() => Assert.Empty(Assert.Single(await ReadAsync("CREATE TABLE nothing ();")).Columns);

    [Fact]
    public async Task Partitioned_table_is_one_table_or_its_leaves()
    {
        const string sql = """
            CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
            CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (id);
            CREATE TABLE p2a PARTITION OF p2 FOR VALUES IN (1, 2);
            ALTER TABLE p2a REPLICA IDENTITY FULL;
            INSERT INTO p SELECT 1 + i % 2, date '2020-07-01' + i FROM generate_series(0, 364) i; ANALYZE;
            """;
        var root = Assert.Single(await ReadAsync(sql, PartitionedTables.AsRoot));
        Assert.Equal(("p", true, 365L, 0u), (root.Id.Name, root.IsPartitioned, root.EstimatedRows, root.FileNode));
        Assert.Equal(
            [("p1", ReplicaIdentity.Default), ("p2a", ReplicaIdentity.Full)],
            root.Leaves.OrderBy(leaf => leaf.Id.Name, StringComparer.Ordinal).Select(leaf => (leaf.Id.Name, leaf.Identity)));
        Assert.All(root.Leaves, leaf => Assert.NotEqual(0u, leaf.FileNode));

        var leaves = await ReadAsync(sql, PartitionedTables.AsLeaves);
        Assert.Equal(["p1", "p2a"], leaves.Select(table => table.Id.Name));
        Assert.All(leaves, table => Assert.False(table.IsPartitioned));
    }

    [Fact]
    public async Task Inheriting_tables_are_tables_of_their_own_and_others_are_left_out()
    {
        var tables = await ReadAsync("""
            CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent);
            CREATE UNLOGGED TABLE unlogged (a int); CREATE VIEW v AS SELECT 1; CREATE MATERIALIZED VIEW m AS SELECT 1;
            """);
        Assert.Equal(["child", "parent"], tables.Select(table => table.Id.Name));
        Assert.Equal(["a", "b"], tables[0].Columns.Select(column => column.Name));
    }

    [Fact]
    public async Task File_node_tells_a_rewrite()
    {
        var database = await server.CreateDatabaseAsync("CREATE TABLE t (a int); INSERT INTO t VALUES (1);");
        await using var session = await SourceSession.OpenAsync(server.Options(database), Cancel);
        var reader = new CatalogReader(session, new TypeCatalog());
        var before = Assert.Single(await reader.ReadTablesAsync(new TableSelection([]), PartitionedTables.AsRoot, Cancel));
        await server.Server.ExecuteAsync("ALTER TABLE t ADD COLUMN r float8 DEFAULT random()", database);
        var after = Assert.Single(await reader.ReadTablesAsync([before.Oid], Cancel));
        Assert.NotEqual(before.FileNode, after.FileNode);
        Assert.Empty(await reader.ReadTablesAsync([1u], Cancel));
    }

    [Fact]
    public async Task Streamed_table_is_described_as_the_stream_says_and_enum_labels_are_read_again()
    {
        var database = await server.CreateDatabaseAsync("""
            CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN feeling AS mood;
            CREATE TABLE t (a int, b feeling, c varchar(5), PRIMARY KEY (b, a));
            """);
        await using var session = await SourceSession.OpenAsync(server.Options(database), Cancel);
        var streamed = await StreamedAsync(session, database);
        var describer = new TableDescriber(session, new TypeCatalog(), Nothing());
        var first = (await describer.DescribeAsync(streamed, Cancel)).Schema;
        Assert.Equal([1, 0], first.Key.ToArray());
        Assert.Equal(["integer", "public.mood", "character varying(5)"], first.Columns.Select(column => column.SourceType));

        await server.Server.ExecuteAsync(
            "ALTER TYPE mood ADD VALUE 'happy'; ALTER TABLE t RENAME COLUMN c TO d; ALTER TABLE t ADD COLUMN e int", database);
        var second = (await describer.DescribeAsync(streamed, Cancel)).Schema;
        Assert.Equal(["a", "b", "c"], second.Columns.Select(column => column.Name));
        Assert.Equal(new ColumnType.Enum(["sad", "happy"]), second.Columns[1].Type);
    }

    /// <summary>A key that was whole and has grown since then is not a half.</summary>
    [Fact]
    public async Task Half_of_a_key_is_refused_where_the_other_half_is_not_sent()
    {
        var database = await server.CreateDatabaseAsync("CREATE TABLE t (a int, b text, c int, PRIMARY KEY (a))");
        await using var session = await SourceSession.OpenAsync(server.Options(database), Cancel);
        var streamed = await StreamedAsync(session, database);
        var describer = new TableDescriber(session, new TypeCatalog(), Nothing());
        Assert.Equal("0", string.Join(", ", (await describer.DescribeAsync(streamed, Cancel)).Schema.Key));

        await server.Server.ExecuteAsync("ALTER TABLE t DROP CONSTRAINT t_pkey, ADD COLUMN d int, ADD PRIMARY KEY (a, d)", database);
        Assert.Equal("0", string.Join(", ", (await describer.DescribeAsync(streamed, Cancel)).Schema.Key));
        var stranger = new TableDescriber(session, new TypeCatalog(), Nothing());
        Assert.Equal(ErrorCodes.SourceKeyUnknown,
            (await Assert.ThrowsAsync<CdcException>(() => stranger.DescribeAsync(streamed, Cancel))).Code);

        await server.Server.ExecuteAsync("ALTER TABLE t DROP CONSTRAINT t_pkey, ADD COLUMN e text GENERATED ALWAYS AS (b || c) STORED",
            database);
        await server.Server.ExecuteAsync("ALTER TABLE t ADD PRIMARY KEY (a, e)", database);
        Assert.Equal(ErrorCodes.SourceKeyUnknown,
            (await Assert.ThrowsAsync<CdcException>(() => describer.DescribeAsync(streamed, Cancel))).Code);
    }

    [Fact]
    public async Task Key_that_the_stream_cannot_tell_is_as_it_was_last_seen_or_refused()
    {
        var database = await server.CreateDatabaseAsync(
            "CREATE TABLE t (a int, b int, c int, PRIMARY KEY (b, a)); ALTER TABLE t REPLICA IDENTITY FULL;");
        await using var session = await SourceSession.OpenAsync(server.Options(database), Cancel);
        var streamed = await StreamedAsync(session, database);
        var describer = new TableDescriber(session, new TypeCatalog(), Nothing());
        var described = await describer.DescribeAsync(streamed, Cancel);
        Assert.Equal([1, 0], described.Schema.Key.ToArray());

        var stranger = new TableDescriber(session, new TypeCatalog(), Nothing());
        await server.Server.ExecuteAsync("ALTER TABLE t RENAME COLUMN b TO other", database);
        Assert.Equal("1, 0", string.Join(", ", (await describer.DescribeAsync(streamed, Cancel)).Schema.Key));
        Assert.Equal(ErrorCodes.SourceKeyUnknown,
            (await Assert.ThrowsAsync<CdcException>(() => stranger.DescribeAsync(streamed, Cancel))).Code);
        await server.Server.ExecuteAsync("DROP TABLE t", database);
        Assert.Equal("1, 0", string.Join(", ", (await describer.DescribeAsync(streamed, Cancel)).Schema.Key));
        Assert.Equal(ErrorCodes.SourceTableGone,
            (await Assert.ThrowsAsync<CdcException>(() => stranger.DescribeAsync(streamed, Cancel))).Code);
    }

    [Fact]
    public async Task Table_that_is_gone_with_its_types_is_as_it_was_last_seen_and_another_of_its_name_is_not()
    {
        var database = await server.CreateDatabaseAsync(
            "CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN feeling AS mood; CREATE TABLE t (a int PRIMARY KEY, b feeling, c mood[]);");
        await using var session = await SourceSession.OpenAsync(server.Options(database), Cancel);
        var streamed = await StreamedAsync(session, database);
        var memory = Nothing();
        var before = (await new TableDescriber(session, new TypeCatalog(), memory).DescribeAsync(streamed, Cancel)).Schema;
        await server.Server.ExecuteAsync("DROP TABLE t; DROP DOMAIN feeling; DROP TYPE mood", database);

        var kept = new SourceMemory(new Checkpoint(memory.TakeNews().ToDictionary(entry => entry.Key, entry => entry.Value!)));
        var after = (await new TableDescriber(session, new TypeCatalog(), kept).DescribeAsync(streamed, Cancel)).Schema;
        Assert.Equal(before.Columns.AsEnumerable(), after.Columns.AsEnumerable());
        Assert.Equal(before.Key.AsEnumerable(), after.Key.AsEnumerable());
        var other = streamed with { Oid = streamed.Oid + 1 };
        Assert.Equal(ErrorCodes.SourceTableGone,
            (await Assert.ThrowsAsync<CdcException>(() =>
                new TableDescriber(session, new TypeCatalog(), kept).DescribeAsync(other, Cancel))).Code);
    }

    [Fact]
    public async Task Type_that_the_table_had_before_is_as_it_was_though_a_later_look_did_not_see_it()
    {
        var database = await server.CreateDatabaseAsync("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (a int PRIMARY KEY, b mood);");
        await using var session = await SourceSession.OpenAsync(server.Options(database), Cancel);
        var streamed = await StreamedAsync(session, database);
        var memory = Nothing();
        await new TableDescriber(session, new TypeCatalog(), memory).DescribeAsync(streamed, Cancel);
        await server.Server.ExecuteAsync("ALTER TABLE t ALTER b TYPE text; DROP TYPE mood", database);
        var table = Assert.Single(await new CatalogReader(session, new TypeCatalog()).ReadTablesAsync([streamed.Oid], Cancel));
        memory.Note(table.Id, TableDescriber.Remember(table, memory.Of(table.Id)));

        var described = await new TableDescriber(session, new TypeCatalog(), memory).DescribeAsync(streamed, Cancel);
        Assert.Equal(new ColumnType.Enum(["sad"]), described.Schema.Columns[1].Type);
    }

    [Fact]
    public async Task Type_that_is_gone_is_refused()
    {
        await using var session = await SourceSession.OpenAsync(server.Options(await server.CreateDatabaseAsync()), Cancel);
        var streamed = new StreamedTable(1259, new TableId("public", "t"), ReplicaIdentity.Nothing,
            [new StreamedColumn("a", new TypeReference(999_999, -1), false)]);
        var error = await Assert.ThrowsAsync<CdcException>(() =>
            new TableDescriber(session, new TypeCatalog(), Nothing()).DescribeAsync(streamed, Cancel));
        Assert.Equal(ErrorCodes.SourceTypeUnknown, error.Code);
    }

    [Fact]
    public async Task Facts_of_the_server_are_read()
    {
        var database = await server.CreateDatabaseAsync("""
            CREATE TABLE t (a int PRIMARY KEY, b int); CREATE PUBLICATION "P 1" FOR TABLE t (a) WHERE (a > 1) WITH (publish = 'insert, delete', publish_via_partition_root);
            """);
        await server.Server.ExecuteAsync($"SELECT pg_create_logical_replication_slot('facts_{database}', 'pgoutput')", database);
        await using var session = await SourceSession.OpenAsync(server.Options(database), Cancel);
        var facts = await SourceFactsReader.ReadAsync(session, Cancel);
        Assert.Equal((1, database, "UTF8", false, "logical", 30, 30),
            (facts.Timeline, facts.Database, facts.Encoding, facts.IsInRecovery, facts.WalLevel, facts.MaxReplicationSlots,
                facts.MaxWalSenders));
        Assert.Equal((null, TimeSpan.FromMinutes(1), true, true),
            (facts.MaxSlotWalKeepBytes, facts.WalSenderTimeout, facts.CanReplicate, facts.IsSuperuser));
        Assert.InRange(facts.Version, 150_000, 159_999);
        Assert.Equal(await server.Server.QueryAsync<string>("SELECT system_identifier::text FROM pg_control_system()"),
            facts.SystemIdentifier);

        var slot = Assert.Single(facts.Slots, slot => slot.Name == $"facts_{database}");
        Assert.Equal(("pgoutput", database, null, "reserved", false, null),
            (slot.Plugin, slot.Database, slot.ActivePid, slot.WalStatus, slot.IsTwoPhase, slot.IsFailover));
        Assert.True(slot.ConfirmedFlushLsn >= slot.RestartLsn, "a slot confirms no less than it keeps");

        var publication = Assert.Single(facts.Publications);
        Assert.Equal(("P 1", false, true, true, false, true, false),
            (publication.Name, publication.AllTables, publication.ViaRoot, publication.Inserts, publication.Updates, publication.Deletes,
                publication.Truncates));
        var table = Assert.Single(publication.Tables);
        Assert.Equal((new TableId("public", "t"), "(a > 1)"), (table.Id, table.RowFilter));
        Assert.Equal(["a"], table.Columns.ToArray());
    }

    [Fact]
    public async Task Session_that_cannot_be_opened_says_why()
    {
        var options = server.Options(await server.CreateDatabaseAsync());
        Assert.Equal(ErrorCodes.SourceUnreachable, (await OpenFailsAsync(options with { Port = 1 })).Code);
        Assert.Equal(ErrorCodes.SourceAccessDenied, (await OpenFailsAsync(options with { User = "nobody" })).Code);
        await using var local = await SourceSession.OpenAsync(options with { Host = server.Server.Folder }, Cancel);
        Assert.Equal("cdc", await new NpgsqlCommand("SELECT current_setting('application_name')", local).ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task Row_security_that_would_hide_rows_is_an_error()
    {
        var database = await server.CreateDatabaseAsync("""
            CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; INSERT INTO t VALUES (1);
            DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN; GRANT SELECT ON t TO reader;
            """);
        await using (var session = await SourceSession.OpenAsync(server.Options(database, "reader"), Cancel))
        {
            var error = await Assert.ThrowsAsync<PostgresException>(() =>
                new NpgsqlCommand("SELECT * FROM public.t", session).ExecuteScalarAsync(Cancel));
            Assert.Equal("42501", error.SqlState);
        }

        await server.Server.ExecuteAsync("DROP TABLE t; DROP ROLE reader", database);
    }

    private static async Task<CdcException> OpenFailsAsync(PostgresOptions options) =>
        await Assert.ThrowsAsync<CdcException>(() => SourceSession.OpenAsync(options, Cancel));

    private static SourceMemory Nothing() => new(Checkpoint.Empty);

    /// <summary>Table t of a database as a stream would announce it now.</summary>
    private async Task<StreamedTable> StreamedAsync(NpgsqlConnection session, string database)
    {
        var oid = await server.Server.QueryAsync<uint>("SELECT 't'::regclass::oid", database);
        var table = Assert.Single(await new CatalogReader(session, new TypeCatalog()).ReadTablesAsync([oid], Cancel));
        var columns = ImmutableArray.CreateBuilder<StreamedColumn>();
        await using var command = new NpgsqlCommand(
            "SELECT attname::text, atttypid, atttypmod FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 ORDER BY attnum", session)
        {
            Parameters = { new NpgsqlParameter { Value = oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid } },
        };
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        while (await rows.ReadAsync(Cancel))
        {
            var name = rows.GetString(0);
            var isKey = table.Identity == ReplicaIdentity.Full || table.Key.Contains(name);
            columns.Add(new StreamedColumn(name, new TypeReference(rows.GetFieldValue<uint>(1), rows.GetInt32(2)), isKey));
        }

        return new StreamedTable(oid, table.Id, table.Identity, columns.DrainToImmutable());
    }

    private async Task<ImmutableArray<CatalogTable>> ReadAsync(string sql, PartitionedTables partitioned = PartitionedTables.AsRoot)
    {
        await using var session = await SourceSession.OpenAsync(server.Options(await server.CreateDatabaseAsync(sql)), Cancel);
        return await new CatalogReader(session, new TypeCatalog()).ReadTablesAsync(new TableSelection([]), partitioned, Cancel);
    }
}

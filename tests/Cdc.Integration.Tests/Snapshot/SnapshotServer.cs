using Cdc.Capture;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>A server with a source and a target, and tables of the kinds that are hard to read.</summary>
internal static class SnapshotServer
{
    /// <summary>Many rows; long values out of line; partitions; a key of two columns and names that must be quoted.</summary>
    public const string Tables = """"
        CREATE TABLE item (id int PRIMARY KEY, amount int, note text);
        INSERT INTO item SELECT i, i, 'row ' || i FROM generate_series(1, 100000) i;
        CREATE TABLE long (id int PRIMARY KEY, amount int, body text);
        ALTER TABLE long ALTER body SET STORAGE EXTERNAL;
        INSERT INTO long SELECT i, 0, repeat(md5(i::text), 200) FROM generate_series(1, 2000) i;
        CREATE TABLE part (id int, day date, amount int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
        CREATE TABLE part_2 (amount int, day date NOT NULL, id int NOT NULL);
        ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
        INSERT INTO part SELECT i, '2024-01-01'::date + i % 59, i FROM generate_series(1, 20000) i;
        CREATE SCHEMA "Odd Schema";
        CREATE TABLE "Odd Schema"."Odd ""Table""" ("a b" text, "c""d" int, "select" text, PRIMARY KEY ("c""d", "a b"));
        INSERT INTO "Odd Schema"."Odd ""Table""" SELECT E'tab\t''quote'' ' || i, i % 7, E'line\nbreak \\ ' || i FROM generate_series(1, 500) i
        """";

    public const string Items = "SELECT count(*) || md5(string_agg(concat_ws('|', id, amount, note), ';' ORDER BY id)) FROM public.item";

    public static IReadOnlyList<string> Questions { get; } =
    [
        Items,
        "SELECT count(*) || md5(string_agg(concat_ws('|', id, amount, body), ';' ORDER BY id)) FROM public.long",
        "SELECT count(*) || md5(string_agg(concat_ws('|', id, day, amount), ';' ORDER BY id, day)) FROM public.part",
        "SELECT count(*) || md5(string_agg(concat_ws('|', \"a b\", \"c\"\"d\", \"select\"), ';' ORDER BY \"a b\", \"c\"\"d\")) " +
        "FROM \"Odd Schema\".\"Odd \"\"Table\"\"\"",
    ];

    public static CaptureOptions SmallChunks(
        CaptureOptions options) => options with { Snapshot = new SnapshotOptions { ChunkBytes = 64 << 10 } };
}

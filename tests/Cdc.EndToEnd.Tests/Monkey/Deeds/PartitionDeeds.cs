using System.Globalization;




namespace Cdc.EndToEnd.Tests.Monkey.Deeds;

/// <summary>Partitions come and go, with their rows.</summary>
internal static class PartitionDeeds
{
    private const string Year = "2024";

    public static IReadOnlyList<Deed> All { get; } =
    [
        new("a new partition, filled", CreateAsync),
        new("a table with rows becomes a partition", AttachAsync),
        new("detach a partition for good", DetachAsync),
        new("detach, change and attach in one transaction", DetachAndAttachAtOnceAsync),
        new("detach, change and attach", DetachAndAttachAsync),
        new("detach a partition concurrently", DetachConcurrentlyAsync),
        new("drop a partition", DropAsync),
        new("truncate a partition", TruncateAsync),
        new("a partition that has partitions", SubpartitionAsync),
        new("a partition swapped for another", SwapAsync),
        new("a new partitioned table", NewAsync),
        new("rows move between partitions", MoveAsync),
        new("VACUUM FULL of a partition", VacuumAsync),
    ];

    /// <summary>Removes the rows that writers put into a table that stands alone and that are of other years.</summary>
    private static string Clear(string partition, int year) => FormattableString.Invariant(
        $"LOCK TABLE {partition}; DELETE FROM {partition} WHERE day < '{year}-01-01' OR day >= '{year + 1}-01-01'");

    private static async Task<(Victim Table, string Partition, string Bounds)> NewPartitionAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Partitioned);
        var year = int.Parse(Hand.Fresh(), System.Globalization.CultureInfo.InvariantCulture) + 2100;
        await hand.DoAsync(Estate.Partition(table, year, year + 1));
        await hand.DoAsync(FormattableString.Invariant(
            $"INSERT INTO {table.Sql} SELECT nextval('monkey.uids'), date '{year}-01-01' + i, i, 'new' FROM generate_series(1, 40) i"));
        return (table, table.Beside(FormattableString.Invariant($"_{year}")),
            FormattableString.Invariant($"FROM ('{year}-01-01') TO ('{year + 1}-01-01')"));
    }

    private static async Task CreateAsync(Hand hand) => await NewPartitionAsync(hand);

    private static async Task AttachAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Partitioned);
        var year = int.Parse(Hand.Fresh(), System.Globalization.CultureInfo.InvariantCulture) + 2100;
        var partition = table.Beside(FormattableString.Invariant($"_{year}"));
        await hand.DoAsync(
            string.Create(CultureInfo.InvariantCulture,
                $"CREATE TABLE {partition} (LIKE {table.Sql} INCLUDING ALL); INSERT INTO {partition} SELECT nextval('monkey.uids'), " +
                $"date '{year}-01-01' + i, i, 'attached' FROM generate_series(1, 40) i"));
        await hand.PauseAsync();
        await hand.HoldAsync(
            string.Create(CultureInfo.InvariantCulture,
                $"{Clear(partition, year)}; ALTER TABLE {table.Sql} ATTACH PARTITION {partition} FOR VALUES FROM ('{year}-01-01') TO " +
                $"('{year + 1}-01-01')"), 0);
        await hand.PauseAsync();
        await hand.DoAsync($"UPDATE {partition} SET a = a + 1");
    }

    private static async Task DetachAsync(Hand hand)
    {
        var (table, partition, _) = await NewPartitionAsync(hand);
        await hand.PauseAsync(5);
        await hand.DoAsync($"ALTER TABLE {table.Sql} DETACH PARTITION {partition}");
        await hand.DoAsync($"UPDATE {partition} SET note = 'detached'");
    }

    private static async Task DetachAndAttachAtOnceAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Partitioned);
        var partition = table.Beside($"_{Year}");
        await hand.DoAsync(
            $"ALTER TABLE {table.Sql} DETACH PARTITION {partition}; UPDATE {partition} SET note = 'meanwhile', a = a + 1; DELETE " +
            $"FROM {partition} WHERE a % 3 = 0; ALTER TABLE {table.Sql} ATTACH PARTITION {partition} FOR VALUES FROM ('2024-01-01') TO " +
            "('2025-01-01')");
    }

    private static async Task DetachAndAttachAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Partitioned);
        var partition = table.Beside($"_{Year}");
        await hand.DoAsync($"ALTER TABLE {table.Sql} DETACH PARTITION {partition}");
        await hand.DoAsync($"UPDATE {partition} SET note = 'between'; DELETE FROM {partition} WHERE a % 3 = 1");
        await hand.PauseAsync();
        await hand.HoldAsync(
            $"{Clear(partition, 2024)}; ALTER TABLE {table.Sql} ATTACH PARTITION {partition} FOR VALUES FROM ('2024-01-01') TO " +
            "('2025-01-01')", 0);
    }

    private static async Task DetachConcurrentlyAsync(Hand hand)
    {
        var (table, partition, _) = await NewPartitionAsync(hand);
        await hand.DoAsync($"ALTER TABLE {table.Sql} DETACH PARTITION {partition} CONCURRENTLY");
        await hand.DoAsync($"DROP TABLE {partition}");
    }

    private static async Task DropAsync(Hand hand)
    {
        var (_, partition, _) = await NewPartitionAsync(hand);
        await hand.PauseAsync();
        await hand.DoAsync($"DROP TABLE {partition}");
    }

    private static async Task TruncateAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Partitioned);
        await hand.DoAsync($"TRUNCATE {table.Beside($"_{Year}")}");
        await hand.PauseAsync();
        await hand.FillAsync(table, 40);
    }

    private static async Task SubpartitionAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Partitioned);
        var year = int.Parse(Hand.Fresh(), System.Globalization.CultureInfo.InvariantCulture) + 2100;
        var partition = table.Beside(FormattableString.Invariant($"_{year}"));
        await hand.DoAsync(
            string.Create(CultureInfo.InvariantCulture,
                $"CREATE TABLE {partition} PARTITION OF {table.Sql} FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01') PARTITION " +
                $"BY HASH (id)")
            + string.Concat(Enumerable.Range(0, 2)
                .Select(i =>
                    string.Create(CultureInfo.InvariantCulture,
                        $"; CREATE TABLE {table.Beside($"_{year}_{i}")} PARTITION OF {partition} FOR VALUES WITH (MODULUS 2, " +
                        $"REMAINDER {i})"))));
        await hand.DoAsync(FormattableString.Invariant(
            $"INSERT INTO {table.Sql} SELECT nextval('monkey.uids'), date '{year}-01-01' + i, i, 'deep' FROM generate_series(1, 40) i"));
        await hand.PauseAsync();
        await hand.DoAsync($"DELETE FROM {partition} WHERE a % 2 = 0");
    }

    private static async Task SwapAsync(Hand hand)
    {
        var (table, partition, bounds) = await NewPartitionAsync(hand);
        var other = table.Beside($"_swap{Hand.Fresh()}");
        await hand.DoAsync(
            $"CREATE TABLE {other} (LIKE {table.Sql} INCLUDING ALL); INSERT INTO {other} SELECT id, day, a + 100, 'swapped' " +
            $"FROM {partition} WHERE a % 2 = 0");
        await hand.DoAsync(
            $"ALTER TABLE {table.Sql} DETACH PARTITION {partition}; ALTER TABLE {table.Sql} ATTACH " +
            $"PARTITION {other} FOR VALUES {bounds}; DROP TABLE {partition}");
    }

    private static async Task NewAsync(Hand hand)
    {
        var table = hand.Add("shop", $"made_{Hand.Fresh()}", Shape.Partitioned);
        await hand.DoAsync(
            $"CREATE TABLE {table.Sql} (id bigint, day date, a int, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)");
        for (var year = 2023; year < 2026; year++)
            await hand.DoAsync(Estate.Partition(table, year, year + 1));
        await hand.FillAsync(table, 40);
        await hand.PauseAsync();
        await hand.TouchAsync(table);
    }

    private static async Task MoveAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Partitioned);
        await hand.DoAsync($"UPDATE {table.Sql} SET day = day + 365 WHERE day < '2025-01-01' AND a % 2 = 0");
        await hand.DoAsync($"UPDATE {table.Sql} SET day = day - 365 WHERE day >= '2024-01-01' AND day < '2026-01-01' AND a % 3 = 0");
    }

    private static async Task VacuumAsync(Hand hand)
    {
        var table = await hand.TakeAsync(Shape.Partitioned);
        await hand.DoAsync($"VACUUM FULL {table.Beside($"_{Year}")}");
    }
}

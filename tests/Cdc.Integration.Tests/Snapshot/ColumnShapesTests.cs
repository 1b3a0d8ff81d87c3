using System.Globalization;
using Cdc.Capture.Tables;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Integration.Tests.Types;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Snapshot;

/// <summary>
/// A row that is read has the columns and values that the same row has when it is inserted, updated and deleted, whatever the table looks
/// like.
/// </summary>
public sealed class ColumnShapesTests
{
    private const string Stored = "CREATE TABLE item (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED, note text)";

    private const string OnlyVirtual =
        "CREATE TABLE item (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, note text)";

    private const string Dropped =
        "CREATE TABLE item (gone text, id int PRIMARY KEY, gone_too int, a int, note text); ALTER TABLE item DROP gone, DROP gone_too";

    private const string Added = "CREATE TABLE item (id int PRIMARY KEY, a int, note text)";

    /// <summary>The other partition has dropped columns and another order.</summary>
    private const string Parts = """
        CREATE TABLE item (id int, a int, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM (2) TO (500);
        CREATE TABLE item_2 (note text, gone int, id int NOT NULL, a int);
        ALTER TABLE item_2 DROP gone;
        ALTER TABLE item ATTACH PARTITION item_2 DEFAULT;
        ALTER TABLE item_1 REPLICA IDENTITY FULL; ALTER TABLE item_2 REPLICA IDENTITY FULL
        """;

    private const string Child = """
        CREATE TABLE base (a int, id int NOT NULL); INSERT INTO base VALUES (0, 7);
        CREATE TABLE item (note text, PRIMARY KEY (id)) INHERITS (base);
        CREATE TABLE grandchild (more text) INHERITS (item); INSERT INTO grandchild VALUES (1, 1, 'of the grandchild', 'more')
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15, Stored, "ALTER TABLE item REPLICA IDENTITY FULL", null, "id, a, note")]
    [InlineData(15, Stored, "", null, "id, a, note")]
    [InlineData(18, Stored, "", null, "id, a, b, note")]
    [InlineData(18, Stored, "ALTER TABLE item REPLICA IDENTITY FULL", null, "id, a, b, note")]
    [InlineData(18, Stored, "", "FOR TABLE item WITH (publish_generated_columns = stored)", "id, a, b, note")]
    [InlineData(18, Stored, "", "FOR TABLE item (id, b, note)", "id, b, note")]
    [InlineData(18, OnlyVirtual, "", null, "id, a, note")]
    [InlineData(18, OnlyVirtual, "", "FOR TABLE item WITH (publish_generated_columns = stored)", "id, a, note")]
    [InlineData(15, Dropped, "ALTER TABLE item REPLICA IDENTITY FULL", null, "id, a, note")]
    [InlineData(18, Dropped, "ALTER TABLE item REPLICA IDENTITY FULL", null, "id, a, note")]
    [InlineData(15, Added, "ALTER TABLE item ADD more int DEFAULT 7, ADD less text; ALTER TABLE item REPLICA IDENTITY FULL", null,
        "id, a, note, more, less")]
    [InlineData(18, Added, "ALTER TABLE item ADD more int DEFAULT 7, ADD less text; ALTER TABLE item REPLICA IDENTITY FULL", null,
        "id, a, note, more, less")]
    [InlineData(15, Added, "", "FOR TABLE item (note, id)", "id, note")]
    [InlineData(18, Added, "", "FOR TABLE item (note, id)", "id, note")]
    [InlineData(15, Parts, "", null, "id, a, note")]
    [InlineData(18, Parts, "", null, "id, a, note")]
    [InlineData(15, Child, "ALTER TABLE item REPLICA IDENTITY FULL", null, "a, id, note")]
    [InlineData(18, Child, "ALTER TABLE item REPLICA IDENTITY FULL", null, "a, id, note")]
    public async Task Row_is_the_same_whichever_way_it_comes(int major, string create, string then, string? publication, string columns)
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync(major);
        await server.ExecuteAsync($"{create}; {Insert(1)}; {then}", "source");
        if (publication is not null)
            await server.ExecuteAsync($"CREATE PUBLICATION shop {publication}", "source");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.item"]);
        await Eventually.HoldsAsync("the table is read", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return pipeline.Capture.Progress.Reads.GetValueOrDefault(new TableId("public", "item"))?.State == TableState.Complete;
        }, TimeSpan.FromSeconds(60), Token);

        var only = create == Child ? "ONLY " : "";
        await server.ExecuteAsync(
            $"{Insert(2)}; UPDATE {only}item SET a = 6 WHERE id = 2; UPDATE {only}item SET a = 5 WHERE id = 2; DELETE FROM {only}item " +
            $"WHERE id = 2; {Insert(3)}", "source");
        await pipeline.UntilEqualAsync(server, $"SELECT string_agg(({columns})::text, ' ' ORDER BY id) FROM {only}public.item");

        var events = await TopicEvent.ReadAllAsync(pipeline.Log, pipeline.Registry, "shop.public.item", Token);
        Assert.Equal([Operation.Read, Operation.Create, Operation.Update, Operation.Update, Operation.Delete, Operation.Create],
            events.Select(change => change.Operation));
        Assert.All(events, change => Assert.Equal(columns, string.Join(", ", change.Schema.Columns.Select(column => column.Name))));
        var read = events[0].After;
        AssertSame(events[0].Schema, read, events[1].After, "inserted");
        AssertSame(events[0].Schema, read, events[3].After, "updated");
        AssertSame(events[0].Schema, read, events[5].After, "inserted later");
        var before = events[4].Before;
        var hasWhole = before.All(text => !text.StartsWith("Null", StringComparison.Ordinal))
            || columns.Contains("less", StringComparison.Ordinal);
        AssertSame(events[0].Schema,
            [.. read.Select((text, i) => hasWhole || !before[i].StartsWith("Null", StringComparison.Ordinal) ? text : before[i])], before,
            "before the delete");
        Assert.Equal(hasWhole, create == Parts || then.Contains("FULL", StringComparison.Ordinal));
    }

    private static string Insert(int id) =>
        string.Create(CultureInfo.InvariantCulture, $"INSERT INTO item (id, a, note) VALUES ({id}, 5, 'five')");

    private static void AssertSame(TableSchema schema, IReadOnlyList<string> read, IReadOnlyList<string> image, string way) =>
        Assert.Empty(TopicEvent.Differences(schema, read, image).Where(line => !line.StartsWith("id ", StringComparison.Ordinal))
            .Select(line => $"{way}: {line}"));
}

using Cdc.Capture.Publishing;
using Cdc.Capture.Tests.Scripted;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Testing;

namespace Cdc.Capture.Tests.Publishing;

public sealed class TablePlacerTests
{
    private static readonly ColumnSchema Id = new("id", "id", new ColumnType.Int32(), "integer");
    private static readonly ColumnSchema WideId = new("id", "id", new ColumnType.Int64(), "bigint");
    private static readonly ColumnSchema TextId = new("id", "id", new ColumnType.Text(), "text");
    private static readonly ColumnSchema Organisation = new("org", "org", new ColumnType.Int32(), "integer");
    private static readonly AvroSchema.Record Source = new(new AvroName("shop", "Source"), []);

    public static TheoryData<string, TableSchema, bool> Later => new()
    {
        { "the same", Table([Id, Organisation], 0), false },
        { "a wider type, whose bytes are the same", Table([WideId, Organisation], 0), false },
        { "more columns", Table([Id, Organisation], 1, 0), true },
        { "another column", Table([Id, Organisation], 1), true },
        { "another type", Table([TextId, Organisation], 0), true },
        { "none", Table([Id, Organisation]), true },
    };

    // Invariant 2
    [Theory]
    [MemberData(nameof(Later))]
    public async Task Key_that_moves_rows_to_other_partitions_stops_the_table_where_there_are_several(
        string what, TableSchema later, bool moves)
    {
        Assert.Null(await PlaceAsync(1, Table([Id, Organisation], 0), later));
        var error = await PlaceAsync(2, Table([Id, Organisation], 0), later);

        Assert.True((error?.Code == ErrorCodes.TopicKeyMoved) == moves, $"{what}: {error?.Message}");
    }

    [Fact]
    public async Task Key_for_a_table_without_one_moves_its_rows_too()
    {
        var error = await PlaceAsync(2, Table([Id, Organisation]), Table([Id, Organisation], 0));

        Assert.Contains("its key was found to be 'id' instead of none, and the topic to have 2 partitions", error!.Message,
            StringComparison.Ordinal);
    }

    private static TableSchema Table(ColumnSchema[] columns, params int[] key) => new(new TableId("public", "t"), [.. columns], [.. key]);

    private static async Task<CdcException?> PlaceAsync(int partitions, TableSchema first, TableSchema later)
    {
        await using var writer = await new MemoryTopicLog().OpenWriterAsync("shop", CancellationToken.None);
        var topics = new TableTopics("shop", TopicSpelling.Escaped, Checkpoint.Empty);
        var placer = new TablePlacer(writer, new ScriptedRegistry(), topics, _ => partitions, new SnapshotPlaces(Checkpoint.Empty));
        await placer.PlaceAsync(first, Source, CancellationToken.None);
        return await Record.ExceptionAsync(async () => await placer.PlaceAsync(later, Source, CancellationToken.None)) switch
        {
            null => null,
            CdcException error => error,
            var other => throw new InvalidOperationException("Another error was expected.", other),
        };
    }
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.Ledger;
using Cdc.Testing;

namespace Cdc.Sink.Tests.Consuming;

public sealed class TopicNotesTests
{
    [Fact]
    public async Task Topic_is_of_the_longest_prefix_that_its_name_begins_with()
    {
        await using var log = new MemoryTopicLog();
        var stale = new SnapshotBounds("shop.eu.public.t", "stale", "gap", [1], []);
        await NoteAsync(log, "shop.eu", new SnapshotBounds("shop.eu.public.t", "s", "gap", [5], []).ToEntry(), Source("eu"));
        await NoteAsync(log, "shop", stale.ToEntry(), Source("all"));
        await NoteAsync(log, "shop2", Source("two"));

        var notes = await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None);

        Assert.Equal("s", notes.SnapshotOf("shop.eu.public.t")?.Id);
        Assert.Null(notes.SnapshotOf("shop.public.t"));
        Assert.Equal(new SourceDatabase("eu", "db"), notes.SourceOf("shop.eu.public.t"));
        Assert.Equal("all", notes.SourceOf("shop.public.t")?.SystemId);
        Assert.Equal("two", notes.SourceOf("shop2.public.t")?.SystemId);
        Assert.Null(notes.SourceOf("other.public.t"));
    }

    [Fact]
    public async Task Topic_is_of_the_prefix_that_notes_it_though_a_longer_one_fits()
    {
        await using var log = new MemoryTopicLog();
        await NoteAsync(log, "shop.eu", Source("eu"));
        await NoteAsync(log, "shop", new TableTopic("shop.eu.t", new TableId("eu", "t")).ToEntry(), Source("all"));

        var notes = await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None);

        Assert.Equal("all", notes.SourceOf("shop.eu.t")?.SystemId);
        Assert.Equal("eu", notes.SourceOf("shop.eu.public.t")?.SystemId);
    }

    // Invariant 4
    [Theory]
    [InlineData("source")]
    [InlineData("snapshot/shop.t")]
    public async Task Note_that_is_not_understood_is_an_error(string key)
    {
        await using var log = new MemoryTopicLog();
        await NoteAsync(log, "shop", new CheckpointEntry(key, "["));

        var error = await Assert.ThrowsAsync<CdcException>(async () =>
            await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None));

        Assert.Equal(ErrorCodes.CheckpointUnreadable, error.Code);
    }

    private static CheckpointEntry Source(string system) => new("source", $$"""{"SystemId":"{{system}}","Database":"db","Slot":"shop"}""");

    private static async Task NoteAsync(MemoryTopicLog log, string prefix, params CheckpointEntry[] entries)
    {
        await using var writer = await log.OpenWriterAsync(prefix, CancellationToken.None);
        using var nothing = new RecordBatch(new PartitionTable());
        await writer.AppendAsync(nothing, _ => entries, CancellationToken.None);
    }
}

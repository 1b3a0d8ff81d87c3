using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Transport.Tests;

/// <summary>What is noted in checkpoints.</summary>
public abstract partial class TopicLogConformance
{
    [Fact]
    public async Task New_prefix_has_an_empty_checkpoint()
    {
        await using var writer = await OpenWriterAsync();
        Assert.True(writer.Checkpoint.IsEmpty);
        Assert.True((await Log.ReadCheckpointAsync(prefix, CancellationToken.None)).IsEmpty);
    }

    [Fact]
    public async Task Prefix_is_listed_while_its_checkpoint_has_an_entry()
    {
        await using var writer = await OpenWriterAsync();
        Assert.DoesNotContain(prefix, await Log.ListPrefixesAsync(CancellationToken.None));
        await writer.NoteAsync(new CheckpointEntry("a", "1"));
        Assert.Contains(prefix, await Log.ListPrefixesAsync(CancellationToken.None));

        await harness.ReopenAsync();
        Assert.Contains(prefix, await Log.ListPrefixesAsync(CancellationToken.None));
        await using var next = await OpenWriterAsync();
        await next.NoteAsync(new CheckpointEntry("a", null));
        Assert.DoesNotContain(prefix, await Log.ListPrefixesAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Checkpoint_callback_is_told_the_offsets_of_each_slot()
    {
        await using var writer = await OpenWriterAsync(partitions: 2);
        await writer.AppendAsync(topic, 1, ["a", "b"]);
        using var batch = TestRecords.BatchOf((topic, 0, "c"), (topic, 1, "d"), (topic, 0, "e"));
        var unused = batch.Partitions.Add(new TopicPartition(topic, 5));
        await writer.AppendAsync(
            batch,
            offsets =>
            {
                Assert.True(offsets.TryGet(0, out var first, out var next) && (first, next) == (0, 2));
                Assert.True(offsets.TryGet(1, out first, out next) && (first, next) == (2 + harness.Markers, 3 + harness.Markers));
                Assert.False(offsets.TryGet(unused, out _, out _));
                return [new CheckpointEntry("end", next.ToString(System.Globalization.CultureInfo.InvariantCulture))];
            },
            CancellationToken.None);
        Assert.Equal($"{3 + harness.Markers}", (await Log.ReadCheckpointAsync(prefix, CancellationToken.None))["end"]);
    }

    [Fact]
    public async Task Entries_change_one_by_one_and_null_removes()
    {
        await using var writer = await OpenWriterAsync();
        await writer.NoteAsync(new("a", "1"), new("b", "2"), new("c", ""));
        await writer.NoteAsync(new("a", null), new("b", "3"), new("never", null));
        var checkpoint = await Log.ReadCheckpointAsync(prefix, CancellationToken.None);
        Assert.Equal([("b", "3"), ("c", "")], checkpoint.Entries.Select(entry => (entry.Key, entry.Value)).Order());
        await harness.ReopenAsync();
        await using var next = await OpenWriterAsync();
        Assert.Equal([("b", "3"), ("c", "")], next.Checkpoint.Entries.Select(entry => (entry.Key, entry.Value)).Order());
    }

    [Fact]
    public async Task Entries_of_another_prefix_are_not_touched()
    {
        await using var writer = await OpenWriterAsync();
        await using var other = await Log.OpenWriterAsync(prefix + "2", CancellationToken.None);
        await writer.NoteAsync(new CheckpointEntry("a", "1"));
        await other.NoteAsync(new CheckpointEntry("a", "2"));
        await writer.NoteAsync(new CheckpointEntry("b", "3"));
        Assert.Equal("1", (await Log.ReadCheckpointAsync(prefix, CancellationToken.None))["a"]);
        Assert.Equal("2", (await Log.ReadCheckpointAsync(prefix + "2", CancellationToken.None))["a"]);
        Assert.Null((await Log.ReadCheckpointAsync(prefix + "2", CancellationToken.None))["b"]);
    }

    [Fact]
    public async Task Empty_append_changes_nothing()
    {
        await using var writer = await OpenWriterAsync(partitions: 1);
        await writer.NoteAsync();
        await writer.AppendAsync(topic, 0, ["a"]);
        await writer.NoteAsync();
        Assert.Equal(["a"], await ValuesAsync(From(0)));
    }
}

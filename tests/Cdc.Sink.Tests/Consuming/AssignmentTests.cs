using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Ledger;
using Cdc.Testing;

namespace Cdc.Sink.Tests.Consuming;

public sealed class AssignmentTests
{
    [Fact]
    public void New_partition_starts_at_the_beginning_and_gets_a_ledger_row()
    {
        var assignment = Plan([Topic("t", "id", (0, 0, 5))], [], TopicNotes.None);

        Assert.Equal([new TopicOffset("t", 0, 0)], assignment.Starts);
        var move = Assert.Single(assignment.Moves);
        Assert.Null(move.Expected);
        Assert.Equal(("id", 0L), (move.Moved.TopicId, move.Moved.Since));
    }

    [Fact]
    public void Known_partition_continues_where_the_ledger_stands()
    {
        var assignment = Plan([Topic("t", "id", (0, 3, 9))], [Entry("t", "id", 7)], TopicNotes.None);

        Assert.Equal([new TopicOffset("t", 0, 7)], assignment.Starts);
        Assert.Empty(assignment.Moves);
        Assert.Empty(assignment.Stopped);
    }

    // Invariant 6
    [Theory]
    [InlineData("other", 0, 9, 5080)]
    [InlineData("id", 8, 9, 3010)]
    [InlineData("id", 0, 6, 3011)]
    public void Gap_stops_its_topic_with_its_code_and_the_others_continue(string topicId, long first, long next, int code)
    {
        var assignment = Plan(
            [Topic("t", topicId, (0, first, next)), Topic("u", "u", (0, 0, 1))], [Entry("t", "id", 7)], TopicNotes.None);

        Assert.Equal(code, Assert.Single(assignment.Stopped).Value.Code.Number);
        Assert.Equal([new TopicOffset("u", 0, 0)], assignment.Starts);
        Assert.Equal("u", Assert.Single(assignment.Moves).Moved.Partition.Topic);
        Assert.Equal(7, assignment.Ledger[new TopicPartition("t", 0)].NextOffset);
    }

    [Fact]
    public void Gap_in_one_partition_stops_all_of_its_topic()
    {
        var assignment = Plan([Topic("t", "id", (0, 0, 9), (1, 4, 9))], [Entry("t", "id", 7)], TopicNotes.None);

        Assert.Equal(ErrorCodes.ConsumerTooLate, assignment.Stopped["t"].Code);
        Assert.Empty(assignment.Starts);
        Assert.Empty(assignment.Moves);
    }

    [Fact]
    public void Topic_that_is_gone_stops_alone()
    {
        var assignment = Plan([Topic("u", "u", (0, 0, 1))], [Entry("t", "id", 7)], TopicNotes.None);

        Assert.Equal(ErrorCodes.TopicUnknown, assignment.Stopped["t"].Code);
        Assert.Equal("u", Assert.Single(assignment.Starts).Topic);
    }

    [Fact]
    public async Task Partition_that_a_replaced_topic_no_longer_has_is_left_behind()
    {
        var notes = await NotesAsync(new SnapshotBounds("t", "s", "gap", [0], []));
        var old = new LedgerEntry("s", new TopicPartition("t", 3), "old", 5, 0, null, 0);
        var assignment = Plan([Topic("t", "new", (0, 0, 4))], [Entry("t", "old", 7), old], notes);

        Assert.Empty(assignment.Stopped);
        Assert.Equal([new TopicOffset("t", 0, 0)], assignment.Starts);
    }

    [Theory]
    [InlineData("a late consumer", null, 0, "id", 4, 9)]
    [InlineData("retention overtook it", "id", 3, "id", 4, 9)]
    [InlineData("the log is another", "old", 7, "id", 0, 9)]
    public async Task Gap_is_closed_by_a_snapshot_that_the_log_holds(
        string why, string? known, long applied, string topicId, long first, long next)
    {
        LedgerEntry[] ledger = known is null ? [] : [Entry("t", known, applied) with { Swept = "earlier", Rows = 3 }];
        foreach (var notes in (TopicNotes[])
        [
            await NotesAsync(new SnapshotBounds("t", "s", "gap", [5], [])), await NotesAsync(new SnapshotBounds("t", "s", "gap", [5], [8])),
        ])
        {
            var assignment = Plan([Topic("t", topicId, (0, first, next))], ledger, notes);

            Assert.True(assignment.Stopped.Count == 0, why);
            var move = Assert.Single(assignment.Moves);
            Assert.Equal(ledger.SingleOrDefault(), move.Expected);
            Assert.Equal((5L, 5L, topicId), (move.Moved.NextOffset, move.Moved.Since, move.Moved.TopicId));
            Assert.True(move.StartsOver);
            Assert.Equal([new TopicOffset("t", 0, 5)], assignment.Starts);
        }
    }

    // Invariant 6
    [Theory]
    [InlineData("begins before what is held", 4, 9, 3, 3, "s")]
    [InlineData("begins beyond the end", 0, 9, 12, 10, "s")]
    [InlineData("was applied before the end was lost", 0, 9, 12, 5, "swept")]
    [InlineData("is of a log that lost its end", 0, 9, 12, 5, "s")]
    public async Task Gap_is_not_closed_by_a_snapshot_that_proves_nothing(
        string why, long first, long next, long applied, long begin, string id)
    {
        var notes = await NotesAsync(new SnapshotBounds("t", id, "gap", [begin], [begin + 1]));
        var assignment = Plan([Topic("t", "id", (0, first, next))], [Entry("t", "id", applied) with { Swept = "swept" }], notes);

        Assert.True(assignment.Stopped.Count == 1, why);
        Assert.Empty(assignment.Moves);
        Assert.Empty(assignment.Starts);
    }

    // Invariant 6
    [Fact]
    public async Task Topic_made_again_is_taken_only_where_somebody_asked_for_it()
    {
        var notes = await NotesAsync(new SnapshotBounds("t", "s", "first", [5], []));

        Assert.Equal(ErrorCodes.TopicReplaced, Plan([Topic("t", "other", (0, 0, 9))], [Entry("t", "id", 7)], notes).Stopped["t"].Code);
    }

    // Invariant 6
    [Fact]
    public async Task Capture_that_started_over_makes_every_offset_one_of_another_topic()
    {
        await using var log = new MemoryTopicLog();
        await using var writer = await log.OpenWriterAsync("shop", CancellationToken.None);
        var before = await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None);
        var lineage = Lineage.Begin();
        await NoteAsync(writer, lineage);
        var restarted = await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None);
        await NoteAsync(writer, new SnapshotBounds("shop.t", "s", "gap", [5], []).ToEntry());
        var read = await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None);
        TopicState[] topics = [Topic("shop.t", "id", (0, 0, 20))];

        Assert.False(restarted.HasLineagesOf(before));
        Assert.True(read.HasLineagesOf(restarted));
        Assert.Equal(ErrorCodes.TopicReplaced, Plan(topics, [Entry("shop.t", "id", 7)], restarted).Stopped["shop.t"].Code);
        var moved = Assert.Single(Plan(topics, [Entry("shop.t", "id", 7)], read).Moves).Moved;
        Assert.Equal(($"id/{lineage.Value}", 5, 5), (moved.TopicId, moved.NextOffset, moved.Since));
        Assert.Empty(Plan(topics, [moved], read).Moves);
    }

    // Invariant 6
    [Fact]
    public async Task Log_that_lost_its_end_and_grew_again_stops_until_the_loss_is_acknowledged()
    {
        var older = await AcknowledgedAsync("1");
        var before = await AcknowledgedAsync("2", new SnapshotBounds("shop.t", "before", "gap", [5], [8]));
        var after = await AcknowledgedAsync("3", new SnapshotBounds("shop.t", "after", "gap", [15], []));
        TopicState[] topics = [Topic("shop.t", "id", (0, 0, 20))];
        var entry = Entry("shop.t", before.IdentityOf(Topic("shop.t", "id")), 7);

        foreach (var notes in (TopicNotes[])[older, before])
            Assert.Equal(ErrorCodes.OffsetBeyondEnd, Plan(topics, [entry], notes, isHeld: false).Stopped["shop.t"].Code);

        // Nothing to compare, but an older lineage.
        Assert.Equal(ErrorCodes.OffsetBeyondEnd, Plan(topics, [entry], older).Stopped["shop.t"].Code);
        var moved = Assert.Single(Plan(topics, [entry], after, isHeld: false).Moves);
        Assert.Equal((15, 15, after.IdentityOf(topics[0])), (moved.Moved.NextOffset, moved.Moved.Since, moved.Moved.TopicId));
        Assert.True(moved.StartsOver);
    }

    [Fact]
    public async Task Sink_whose_last_record_is_in_the_log_continues_under_a_new_lineage()
    {
        var notes = await AcknowledgedAsync("1", new SnapshotBounds("shop.t", "s", "gap", [15], []));
        TopicState[] topics = [Topic("shop.t", "id", (0, 0, 20))];

        var move = Assert.Single(Plan(topics, [Entry("shop.t", "id", 7)], notes, isHeld: true).Moves);

        Assert.Equal((7, 0, notes.IdentityOf(topics[0])), (move.Moved.NextOffset, move.Moved.Since, move.Moved.TopicId));
        Assert.False(move.StartsOver);
    }

    [Theory]
    [InlineData("begins behind what was applied", 7, 9, true)]
    [InlineData("was tried already", 9, 9, false)]
    [InlineData("began before", 12, 9, false)]
    public async Task Table_that_is_stopped_jumps_to_a_snapshot_that_begins_behind_it(string why, long applied, long begin, bool jumps)
    {
        var notes = await NotesAsync(new SnapshotBounds("t", "s", "gap", [begin], []));
        var assignment = Plan([Topic("t", "id", (0, 0, 20))], [Entry("t", "id", applied)], notes, isHeld: true, isStill: true);

        Assert.True(assignment.Resumed.Any() == jumps, why);
        Assert.Equal(jumps ? begin : applied, Assert.Single(assignment.Starts).Offset);
    }

    [Fact]
    public async Task Snapshot_that_knows_fewer_partitions_closes_no_gap_in_the_others()
    {
        var notes = await NotesAsync(new SnapshotBounds("t", "s", "gap", [5], [8]));
        var assignment = Plan([Topic("t", "id", (0, 4, 9), (1, 4, 9))], [], notes);

        Assert.Equal(ErrorCodes.ConsumerTooLate, assignment.Stopped["t"].Code);
    }

    // Invariant 6
    [Theory]
    [InlineData("nothing is noted yet", null, 7, "log", true, false)]
    [InlineData("the log is the noted one", "log", 7, "log", false, false)]
    [InlineData("the log was made again", "other", 7, "log", false, true)]
    [InlineData("the other log was acknowledged later", "other/2", 7, "log/1", false, true)]
    [InlineData("somebody had all read again since", "other/1", 7, "log/2", true, false)]
    [InlineData("somebody had all of the same log read again", "log", 7, "log/1", true, false)]
    [InlineData("a copy of the log was brought back", "log/2", 7, "log/1", false, false)]
    [InlineData("nothing was applied from the other", "other", 0, "log", true, false)]
    public void Ledger_is_of_one_log(string why, string? noted, long applied, string log, bool isNoted, bool isStopped)
    {
        TopicState[] topics = [Topic("t", "id", (0, 0, 9)), Topic("new", "new", (0, 0, 9))];
        var assignment = Plan(topics, [Entry("t", "id", applied), Entry("gone", "gone", applied)], TopicNotes.None)
            .From("s", noted, log, isUsed: applied > 0);

        Assert.True(isNoted ? assignment.NewLog == new LogNote(noted, log) : assignment.NewLog is null, why);
        var stopped = assignment.Stopped.ToDictionary(topic => topic.Key, topic => topic.Value.Code);
        if (isStopped)
            Assert.True(stopped.Count == 3 && stopped.Values.All(code => code == ErrorCodes.LedgerOfOtherLog)
                && assignment is { Moves: [], Starts: [] }, why);
        else
            Assert.True(stopped.Keys.SequenceEqual(["gone"]) && assignment.Starts.Count == 2, why);
    }

    private static async Task NoteAsync(ITopicLogWriter writer, params CheckpointEntry[] entries)
    {
        using var nothing = new RecordBatch(new PartitionTable());
        await writer.AppendAsync(nothing, _ => entries, CancellationToken.None);
    }

    private static async Task<TopicNotes> AcknowledgedAsync(string lineage, params SnapshotBounds[] bounds)
    {
        await using var log = new MemoryTopicLog();
        await using var writer = await log.OpenWriterAsync("shop", CancellationToken.None);
        await NoteAsync(writer, [Lineage.Begin() with { Value = lineage }, .. bounds.Select(one => one.ToEntry())]);
        return await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None);
    }

    internal static async Task<TopicNotes> NotesAsync(params SnapshotBounds[] bounds)
    {
        await using var log = new MemoryTopicLog();
        await using var writer = await log.OpenWriterAsync("t", CancellationToken.None);
        await NoteAsync(writer, [.. bounds.Select(one => one.ToEntry())]);
        return await TopicNotes.ReadAsync(log, TopicNotes.None, CancellationToken.None);
    }

    private static Assignment Plan(
        TopicState[] topics, LedgerEntry[] ledger, TopicNotes notes, bool? isHeld = null, bool isStill = false) => Assignment.Plan(
        "s", topics, ledger, notes, isHeld is { } held ? ledger.ToDictionary(entry => entry.Partition, _ => held) : [], _ => isStill);

    private static TopicState Topic(string name, string id, params (int, long, long)[] partitions) =>
        new(name, id, [.. partitions.Select(p => new PartitionState(p.Item1, p.Item2, p.Item3))]);

    private static LedgerEntry Entry(string topic, string id, long next) => new("s", new TopicPartition(topic, 0), id, next, 0, null, 0);
}

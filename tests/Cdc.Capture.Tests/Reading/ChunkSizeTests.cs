using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Reading;

/// <summary>How much is read at once, by how the chunks before went.</summary>
public sealed class ChunkSizeTests : IDisposable
{
    private const int Most = 1 << 21;

    private static readonly TableId Table = new("public", "t");

    private readonly SourceTable shape = new(new TableSchema(Table, [new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint")], [0]),
        []);
    private readonly TableSnapshots reads = new(
        Checkpoint.Empty, PostgresNotes.Instance, new ReadLimits(Most, 1 << 20, 2000, 1 << 20), TimeProvider.System);

    public ChunkSizeTests()
    {
        reads.Add(Table, isJoining: false);
        reads.Describe(Progress, new TableDescription(shape, 1, [new PagedPart(1, Table, fileNode: 1) { Pages = 1_000_000 }], 0));
        reads.Begin(reads.FindToBegin(100)!);
        reads.TakeNotes();
    }

    private TableSnapshot Progress => reads.Find(Table)!;

    public void Dispose() => reads.Dispose();

    [Fact]
    public void Chunks_that_were_made_smaller_grow_again()
    {
        for (var i = 0; i < 3; i++)
            Overflow();
        Assert.Equal(Most / 8, Progress.ChunkBytes);

        var sizes = new List<int>();
        for (var i = 0; i < 12; i++)
        {
            Read();
            sizes.Add(Progress.ChunkBytes);
        }

        Assert.Equal(sizes.Order(), sizes);
        Assert.Equal([Most / 8, Most / 4, Most / 2, Most], sizes.Distinct());
    }

    [Fact]
    public void Chunks_stay_small_while_some_of_them_overflow()
    {
        for (var i = 0; i < 100; i++)
        {
            Overflow();
            Read();
        }

        Assert.Equal(1 << 12, Progress.ChunkBytes);
        for (var i = 0; i < 64; i++)
            Read();
        Assert.Equal(Most, Progress.ChunkBytes);
    }

    [Fact]
    public void Keys_read_at_once_grow_again()
    {
        Progress.NoteKeysRead(isCut: true);
        Progress.NoteKeysRead(isCut: true);
        Assert.Equal(125, Progress.KeysAtOnce);

        Progress.NoteKeysRead(isCut: false);
        Progress.NoteKeysRead(isCut: false);
        Progress.NoteKeysRead(isCut: false);

        Assert.Equal(500, Progress.KeysAtOnce);
    }

    private void Overflow()
    {
        var window = reads.TryOpen(100)!;
        window.Spoil(WindowFault.Overflow);
        Assert.Equal(ChunkVerdict.ReadAgain, reads.Judge(window, Facts, 100));
        reads.Pulse(Facts.Sight, 100);
    }

    private void Read()
    {
        var window = reads.TryOpen(100)!;
        var range = (PageRange)((RangeChunk)window.Chunk).Range;
        var facts = Facts with { Bytes = (int)(8192 * (range.End!.Value - range.After.Page)) };
        Assert.Equal(ChunkVerdict.Publish, reads.Judge(window, facts, 100));
        reads.Publish(window, facts, 1);
    }

    private static ChunkFacts Facts => new(TransactionSnapshot.Parse("10:10:"), 50, 1);
}

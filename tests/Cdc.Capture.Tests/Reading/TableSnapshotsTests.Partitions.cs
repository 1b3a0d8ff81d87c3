using System.Collections.Immutable;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Tables;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Reading;

/// <summary>Partitions that come and go.</summary>
public sealed partial class TableSnapshotsTests
{
    // Invariant 6
    [Fact]
    public void Partition_that_brought_rows_and_that_no_look_shows_means_a_read_also_after_a_restart()
    {
        Complete();
        reads.Bring(Table, 7);
        Assert.True(reads.HasNews);
        Append();
        Restart();

        Assert.Empty(Compare(Partitioned(1), false)); // It may not be visible yet.
        Assert.Single(Compare(Partitioned(1), true));

        Assert.Equal((TableState.Waiting, "recheck"), (reads.Find(Table)!.State, reads.Find(Table)!.Reason));
        CatchUp();
        Describe(pages: 1, Id);
        reads.Begin(reads.FindToBegin(100)!);
        Append();
        Read();
        Assert.Empty(Compare(Partitioned(1), true));
    }

    // Invariant 6
    [Fact]
    public void Partition_that_brought_rows_and_went_means_a_read_of_the_whole_table_also_where_another_came()
    {
        reads.Add(Table, isJoining: false);
        var attached = Attached();
        reads.Describe(reads.Find(Table)!, new TableDescription(shape, 1, [Part(1)], 0) { Look = attached[Table] });
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Read();
        Append();
        Assert.Empty(Compare(attached, true));
        reads.Bring(Table, 7);

        Assert.Single(Compare(Attached((8, "/8")), true));

        Assert.Equal((TableState.Waiting, "recheck"), (reads.Find(Table)!.State, reads.Find(Table)!.Reason));
    }

    [Fact]
    public void Partition_that_a_look_shows_is_one()
    {
        Complete();
        reads.Bring(Table, 7);

        Assert.Empty(Compare(Partitioned(1, 7), false));
        reads.Bring(Table, 7);

        Assert.Empty(reads.Find(Table)!.Catalog.Brought);
    }

    [Fact]
    public void Partition_that_went_is_told_of_once_where_nothing_is_read()
    {
        Complete();
        reads.AddUnread(Table);
        reads.Bring(Table, 7);

        var found = Assert.Single(Compare(Partitioned(1), true));
        Assert.True(found.IsOfFiles);
        found.Table.TakeFiles(Partitioned(1)[Table]);

        Assert.Empty(Compare(Partitioned(1), true));
    }

    // Invariant 6
    [Fact]
    public void Partition_that_is_back_with_other_rows_before_its_going_is_judged_means_a_read_also_after_a_restart()
    {
        reads.Add(Table, isJoining: false);
        var attached = Attached((7, "/7"));
        reads.Describe(reads.Find(Table)!, new TableDescription(shape, 1, [Part(1), Part(7)], 0) { Look = attached[Table] });
        reads.Begin(reads.FindToBegin(0)!);
        Append();
        Read();
        Append();
        Assert.Empty(Compare(attached, true));

        Assert.Empty(reads.Compare(new CatalogSight(Attached(), 0), isSettled: true, isPassed: false, out var isLeft));
        Assert.True(isLeft);
        Append();
        Restart();

        Assert.Equal(LookVerdict.Gap, Assert.Single(Compare(Attached((7, "/8")), true)).Difference.Verdict);
    }

    private static PagedPart Part(uint number) => new(number, Table, fileNode: 1) { Pages = 1 };

    /// <summary>A table with rows of its own, and these partitions, each with what attaches it.</summary>
    private static Dictionary<TableId, TableLook> Attached(params (uint Number, string Link)[] partitions)
    {
        var looks = Partitioned();
        var look = looks[Table];
        looks[Table] = look with
        {
            Files = [.. partitions.Select(partition => partition.Number).Prepend(1u).Select(number => new PagedFile(number, Table, 1))],
            Fingerprint = (TableFingerprint)look.Fingerprint! with { Parts =
                partitions.ToImmutableSortedDictionary(partition => partition.Number, partition => partition.Link) },
        };
        return looks;
    }

    private static Dictionary<TableId, TableLook> Partitioned(params uint[] partitions)
    {
        var look = Look(Id)[Table];
        return new()
        {
            [Table] = look with
            {
                Files = [new PagedFile(1, Table, 1)],
                Fingerprint = new TableFingerprint
                {
                    Oid = 1, Name = "public.t", Home = "5", Publication = "1/7", Sends = "iudtr", Memberships = ["table 2/8"],
                    Identity = "d", Key = [1],
                    Columns = [new FingerprintColumn(1, "id", 23, -1, "")],
                    Types = ImmutableSortedDictionary<uint, string>.Empty,
                    Parts = partitions.ToImmutableSortedDictionary(partition => partition, partition => $"/{partition}"),
                },
            },
        };
    }
}

using System.Collections.Immutable;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Reading;

/// <summary>What is noted of a table's looks, with the fingerprints of a PostgreSQL source.</summary>
public sealed class NotedLookTests
{
    private static readonly TimeSpan Longest = TableTrouble.UsualLongestPause;

    private static readonly TableFingerprint Known = new()
    {
        Oid = 100, Name = "public.t", Home = "5", Publication = "1/7", Sends = "iudtr",
        Memberships = ["table 2/8"], Identity = "d", Key = [1],
        Columns = [new FingerprintColumn(1, "id", 23, -1, ""), new FingerprintColumn(2, "note", 25, -1, "")],
        Parts = ImmutableSortedDictionary<uint, string>.Empty.Add(101, "/9"),
        Types = ImmutableSortedDictionary<uint, string>.Empty.Add(200, "good"),
    };

    [Fact]
    public void Note_keeps_what_it_must_over_a_restart()
    {
        var noted = new NotedLook();
        noted.Find(new TableLook(TableColumns.None, null) { Fingerprint = Known, Stamp = "1:5" }, 7);
        noted.Adopt();
        noted.Truncate(new TransactionMark(77));
        noted.Restart(DateTimeOffset.UnixEpoch, Longest);
        noted.Restart(DateTimeOffset.UnixEpoch, Longest);
        Assert.True(noted.Meet("public.other", 100));

        var again = NotedLook.Parse(noted.ToText(), PostgresNotes.Instance);

        Assert.Equal((Known.ToText(), "1:5", true, 2), (again.Fingerprint!.ToText(), again.Stamp, again.HasMissed, again.Restarts));
        Assert.Equal([new TransactionMark(77)], again.Truncations);
        Assert.Equal(noted.PausedUntil, again.PausedUntil);
        Assert.Equal(LookVerdict.Gap, again.Compare(new TableLook(TableColumns.None, null) { Fingerprint = Known }).Verdict);
    }

    // Invariant 6
    [Fact]
    public void Partition_that_went_and_is_back_by_the_next_look_is_another_one()
    {
        var noted = new NotedLook();
        noted.Find(new TableLook(TableColumns.None, null) { Fingerprint = Known }, 0);
        noted.Adopt();
        var without = new TableLook(TableColumns.None, null) { Fingerprint = Known with { Parts = Known.Parts.Clear() } };
        Assert.Equal(LookVerdict.Taken, noted.Compare(without).Verdict);
        var again = NotedLook.Parse(noted.ToText(), PostgresNotes.Instance); // The process ends before what became of its rows is told.
        Assert.Equal(LookVerdict.Taken, again.Compare(without).Verdict);
        Assert.False(again.IsChanged);

        Assert.Equal(LookVerdict.Gap,
            again.Compare(new TableLook(TableColumns.None,
                null) { Fingerprint = Known with { Parts = Known.Parts.SetItem(101, "/10") } }).Verdict);

        again.Take(without);
        Assert.Equal(LookVerdict.Taken, again.Compare(new TableLook(TableColumns.None, null) { Fingerprint = Known }).Verdict);
    }

    /// <summary>What moves rows and changes none costs no read; what may change them does.</summary>
    [Theory]
    [InlineData("truncated", true)]
    [InlineData("moved", true)]
    [InlineData("moved after a column was altered", false)]
    [InlineData("moved where truncations are not sent", false)]
    [InlineData("moved where it may be unlogged meanwhile", false)]
    [InlineData("part of it", false)]
    public void File_is_explained(string what, bool expected)
    {
        var noted = new NotedLook();
        var known = what == "moved where it may be unlogged meanwhile" ? Known with { Memberships = ["all tables"] } : Known;
        known = what == "moved where truncations are not sent" ? known with { Sends = "iud" } : known;
        noted.Find(new TableLook(TableColumns.None, null) { Fingerprint = known, Stamp = "1:5" }, 0);
        noted.Adopt();
        if (what == "truncated")
            noted.Truncate(new TransactionMark(77));
        var stamp = what is "truncated" or "moved after a column was altered" ? "1:6" : "1:5";
        var file = new PagedFile(what == "part of it" ? 101u : 100u, default, 2)
        {
            Writer = new TransactionMark(what == "truncated" ? 77u : 78u),
        };

        Assert.Equal(expected, noted.Explains(file, new TableLook(TableColumns.None, null) { Fingerprint = known, Stamp = stamp }));
    }

    [Fact]
    public void Pauses_grow_and_end_with_a_read_that_is_complete()
    {
        var noted = new NotedLook();
        TimeSpan[] pauses = [.. Enumerable.Range(1, 20).Select(restarts => RestartPauses.After(restarts, Longest))];

        Assert.Equal(TimeSpan.Zero, pauses[0]);
        Assert.Equal(TimeSpan.FromSeconds(1), pauses[1]);
        Assert.Equal(TimeSpan.FromMinutes(15), pauses[^1]);
        Assert.Equal(pauses.Order(), pauses);
        noted.Restart(TimeProvider.System.GetUtcNow(), Longest);
        Assert.False(noted.IsPaused(TimeProvider.System, Longest));
        noted.Restart(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1), Longest); // A clock that went back since.
        Assert.False(noted.IsPaused(TimeProvider.System, Longest));
        noted.Restart(TimeProvider.System.GetUtcNow(), Longest);
        Assert.True(noted.IsPaused(TimeProvider.System, Longest));
        noted.Complete();
        Assert.False(noted.IsPaused(TimeProvider.System, Longest));
    }
}

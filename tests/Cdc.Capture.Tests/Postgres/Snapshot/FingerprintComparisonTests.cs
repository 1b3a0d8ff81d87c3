using System.Collections.Immutable;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;

namespace Cdc.Capture.Tests.Postgres.Snapshot;

public sealed class FingerprintComparisonTests
{
    private static readonly TableFingerprint Known = new()
    {
        Oid = 100, Name = "public.t", Home = "5", Publication = "1/7", Sends = "iudtr",
        Memberships = ["table 2/8"], Identity = "d", Key = [1],
        Columns = [new FingerprintColumn(1, "id", 23, -1, ""), new FingerprintColumn(2, "note", 25, -1, "")],
        Parts = ImmutableSortedDictionary<uint, string>.Empty.Add(101, "/9"),
        Types = ImmutableSortedDictionary<uint, string>.Empty.Add(200, "good"),
    };

    public static TheoryData<string, LookVerdict> Differences => new()
    {
        { "none", LookVerdict.Same },
        { "another table", LookVerdict.Gap },
        { "publication", LookVerdict.Gap },
        { "membership", LookVerdict.Gap },
        { "another membership beside it", LookVerdict.Taken },
        { "schema there and back", LookVerdict.Gap },
        { "partition out and in", LookVerdict.Gap },
        { "partition came", LookVerdict.Taken },
        { "identity", LookVerdict.Taken },
        { "key", LookVerdict.Recheck },
        { "label", LookVerdict.Recheck },
        { "label added", LookVerdict.Taken },
        { "text to varchar", LookVerdict.Taken },
        { "text to another type", LookVerdict.Recheck },
        { "column added", LookVerdict.Taken },
        { "column renamed", LookVerdict.Taken },
    };

    // Invariant 6
    [Theory]
    [MemberData(nameof(Differences))]
    public void Difference_says_whether_rows_or_changes_may_be_missing(string what, LookVerdict expected)
    {
        var difference = Known.Compare(Change(what));

        Assert.Equal(expected, difference.Verdict);
        Assert.Equal(expected >= LookVerdict.Recheck, difference.Because.Length > 0);
    }

    [Fact]
    public void Text_is_read_back_as_it_was()
    {
        Assert.Equal(Known.ToText(), TableFingerprint.Parse(Known.ToText()).ToText());
    }

    private static TableFingerprint Change(string what) => what switch
    {
        "none" => Known,
        "another table" => Known with { Oid = 101 },
        "publication" => Known with { Publication = "1/8" },
        "membership" => Known with { Memberships = ["table 2/9"] },
        "another membership beside it" => Known with { Memberships = ["schema 3/9", "table 2/8"] },
        "schema there and back" => Known with { Home = "6" },
        "partition out and in" => Known with { Parts = Known.Parts.SetItem(101, "/10") },
        "partition came" => Known with { Parts = Known.Parts.Add(102, "/10") },
        "identity" => Known with { Identity = "f" },
        "key" => Known with { Key = [2, 1] },
        "label" => Known with { Types = Known.Types.SetItem(200, "fine") },
        "label added" => Known with { Types = Known.Types.Add(201, "bad") },
        "text to varchar" => Known with { Columns = Known.Columns.SetItem(1, new FingerprintColumn(2, "note", 1043, 24, "")) },
        "text to another type" => Known with { Columns = Known.Columns.SetItem(1, new FingerprintColumn(2, "note", 869, -1, "")) },
        "column added" => Known with { Columns = Known.Columns.Add(new FingerprintColumn(3, "more", 23, -1, "")) },
        "column renamed" => Known with { Columns = Known.Columns.SetItem(1, new FingerprintColumn(2, "remark", 25, -1, "")) },
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "Not a case."),
    };
}

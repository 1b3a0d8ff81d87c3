using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Reading;

/// <summary>What the checkpoint has of a PostgreSQL source's tables, letter by letter: another version must continue with it.</summary>
public sealed class CheckpointFormatTests
{
    private const string TableKey = "table/public.t";
    private const string LookKey = "look/public.t";

    private static readonly string Table = """
        {"Schema":"public","Table":"t","State":"Reading","SnapshotId":"abc","Reason":"gap","Rows":5,"EstimatedRows":9,
        "StartedAt":"2026-01-02T03:04:05+00:00","IsJoining":false,"JoinedAt":4294967301,
        "Parts":[{"Oid":4000000001,"Schema":"public","Name":"t \u0022\u00E4\u0022","FileNode":11,"Next":40,
        "Unpublished":["10.3-20","30.0-40"]},
        {"Oid":2,"Schema":"s","Name":"u","FileNode":12,"Next":null,"Unpublished":["7.1-"]}],
        "Files":{"4000000001":11,"2":12},"Columns":{"id":1,"gone":-1,"seen":0},"LastColumn":3,"IsUnread":false}
        """.ReplaceLineEndings("");

    private static readonly string Look = """
        {"Fingerprint":"{\u0022Oid\u0022:4000000001,\u0022Name\u0022:\u0022public.t\u0022,\u0022Home\u0022:\u00225\u0022,
        \u0022Publication\u0022:\u00221/7\u0022,\u0022Sends\u0022:\u0022iudtr\u0022,\u0022Memberships\u0022:[\u0022table 2/8\u0022],
        \u0022Identity\u0022:\u0022d\u0022,\u0022Key\u0022:[1],\u0022Columns\u0022:[{\u0022Number\u0022:1,\u0022Name\u0022:\u0022id\u0022,
        \u0022Type\u0022:23,\u0022Modifier\u0022:-1,\u0022Generated\u0022:\u0022\u0022}],\u0022Parts\u0022:{\u00222\u0022:\u0022/9\u0022},
        \u0022Types\u0022:{\u0022200\u0022:\u0022good\u0022}}","Stamp":"1:5","HasMissed":false,"Truncations":[77,4294967290],"Restarts":2,
        "PausedUntil":"2026-01-02T03:04:06+00:00","Brought":[7]}
        """.ReplaceLineEndings("");

    private const string Recent = "4294967290-3,17,20-22";

    [Fact]
    public void Entries_are_read_and_written_again_as_they_were()
    {
        using var reads = Load();
        var table = reads.Find(new TableId("public", "t"))!;
        table.IsChanged = table.Catalog.IsChanged = true;

        var entries = reads.TakeNotes().Entries.ToDictionary(entry => entry.Key, entry => entry.Value);

        Assert.Equal(Table, entries[TableKey]);
        Assert.Equal(Look, entries[LookKey]);
        Assert.Equal(Recent, reads.Recent.ToText());
    }

    private static TableSnapshots Load()
    {
        var entries = new Dictionary<string, string> { [TableKey] = Table, [LookKey] = Look, ["recent"] = Recent };
        return new TableSnapshots(new Checkpoint(entries), PostgresNotes.Instance, ReadLimits.For(1 << 20), TimeProvider.System);
    }
}

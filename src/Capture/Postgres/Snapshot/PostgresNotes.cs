using Cdc.Capture.Reading;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>What the checkpoint has of a PostgreSQL source's tables in this source's own words.</summary>
public sealed class PostgresNotes : ISourceNotes
{
    private PostgresNotes()
    {
    }

    public static PostgresNotes Instance { get; } = new();

    public ISuspects ReadSuspects(string? text) => RecentTransactions.Parse(text);

    public ITableFingerprint ReadFingerprint(string text) => TableFingerprint.Parse(text);

    public TablePart ReadPart(string text) => PagedPart.Parse(text);
}

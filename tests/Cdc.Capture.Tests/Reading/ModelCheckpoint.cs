using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Reading;

/// <summary>What survives a restart: the entries of the appends so far.</summary>
internal sealed class ModelCheckpoint
{
    private readonly Dictionary<string, string> entries = new(StringComparer.Ordinal);

    public void Take(IEnumerable<CheckpointEntry> changed)
    {
        foreach (var entry in changed)
        {
            if (entry.Value is null)
                entries.Remove(entry.Key);
            else
                entries[entry.Key] = entry.Value;
        }
    }

    /// <param name="limits">The reading's.</param>
    /// <param name="change">What a flaw makes of an entry; null where it is lost.</param>
    /// <param name="notes">Those of a PostgreSQL source where nothing else is said.</param>
    public TableSnapshots Load(ReadLimits limits, Func<string, string, string?> change, ISourceNotes? notes = null)
    {
        var kept = entries.Select(entry => KeyValuePair.Create(entry.Key, change(entry.Key, entry.Value)))
            .Where(entry => entry.Value is not null);
        return new TableSnapshots(new Checkpoint(kept!), notes ?? PostgresNotes.Instance, limits, new HastyClock());
    }

    /// <summary>No pause is long: each question is ten minutes after the one before.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private DateTimeOffset now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => now += TimeSpan.FromMinutes(10);
    }
}

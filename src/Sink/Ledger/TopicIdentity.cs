using Cdc.Contracts.Topics;

namespace Cdc.Sink.Ledger;

/// <summary>
/// What the ledger remembers of what it applied from, a topic or the whole log: its own identity, and the lineage of what was written into
/// it then.
/// </summary>
public static class TopicIdentity
{
    private const char Separator = '/';

    public static string Of(string id, string? lineage) => lineage is null ? id : $"{id}{Separator}{lineage}";

    /// <summary>Whether both are of one topic, or one log, whatever the lineage.</summary>
    public static bool IsSame(string one, string other) => string.Equals(Split(one).Id, Split(other).Id, StringComparison.Ordinal);

    /// <summary>Whether somebody acknowledged a gap since.</summary>
    public static bool HasNewerLineage(string identity, string than) => Lineage.IsNewer(Split(identity).Lineage, Split(than).Lineage);

    private static (string Id, string? Lineage) Split(string identity)
    {
        var at = identity.LastIndexOf(Separator);
        return at < 0 ? (identity, null) : (identity[..at], identity[(at + 1)..]);
    }
}

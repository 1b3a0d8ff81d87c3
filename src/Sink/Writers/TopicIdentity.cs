using Cdc.Contracts.Topics;

namespace Cdc.Sink.Writers;

/// <summary>What the ledger remembers of the log it applied from: the topic's own identity, and the lineage of what was written into it then.</summary>
public static class TopicIdentity
{
    private const char Separator = '/';

    public static string Of(string topicId, string? lineage) => lineage is null ? topicId : $"{topicId}{Separator}{lineage}";

    /// <summary>Whether both are of one topic, whatever the lineage.</summary>
    public static bool IsSameTopic(string one, string other) => string.Equals(Split(one).TopicId, Split(other).TopicId, StringComparison.Ordinal);

    /// <summary>Whether somebody acknowledged a gap of the topic since.</summary>
    public static bool HasNewerLineage(string identity, string than) => Lineage.IsNewer(Split(identity).Lineage, Split(than).Lineage);

    private static (string TopicId, string? Lineage) Split(string identity)
    {
        var at = identity.LastIndexOf(Separator);
        return at < 0 ? (identity, null) : (identity[..at], identity[(at + 1)..]);
    }
}

using System.Collections.Concurrent;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Publishing;

/// <summary>
/// Which topic each table of a source has: the one it had before, which the checkpoint says, else the one that the spelling gives. A topic
/// is one table's for good: a sink knows a topic's table by what came first in it. Changed by one thread at a time, read by any.
/// </summary>
public sealed class TableTopics
{
    private readonly string prefix;
    private readonly TopicSpelling spelling;
    private readonly ConcurrentDictionary<string, TableId> owners = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TableId, string> topics = new();
    private readonly List<CheckpointEntry> news = [];

    public TableTopics(string prefix, TopicSpelling spelling, Checkpoint checkpoint)
    {
        (this.prefix, this.spelling) = (prefix, spelling);
        foreach (var (topic, table) in TableTopic.Read(checkpoint))
            Know(topic, table);
    }

    /// <summary>Tables that get a topic from now on are only streamed, not read.</summary>
    public bool AreUnread { get; init; }

    /// <summary>Something is to be noted in the checkpoint.</summary>
    public bool HasNews => news.Count > 0;

    /// <summary>The topic that a table has or would get.</summary>
    public string TopicOf(TableId table) => topics.GetValueOrDefault(table) ?? TopicNaming.TopicOf(prefix, table, spelling);

    /// <summary>Whether the table has a topic already, in which rows of it may be.</summary>
    public bool IsClaimed(TableId table) => topics.ContainsKey(table);

    /// <summary>The topic of a table, its own from now on. Throws <c>CDC-2061</c> where it is another's.</summary>
    public string Claim(TableId table)
    {
        var topic = TopicOf(table);
        if (!owners.TryGetValue(topic, out var owner))
            Give(topic, table);
        else if (owner != table)
            throw Shared(topic, owner, table);
        return topic;
    }

    /// <summary>
    /// Takes over what a log holds whose checkpoint does not say whose its topics are, for it was written before checkpoints did: they are
    /// spelled as Debezium does. A topic that two tables may have filled is nobody's; each gets another one.
    /// </summary>
    /// <param name="tables">The tables there are.</param>
    /// <param name="existing">The log's topics.</param>
    /// <param name="isKnown">
    /// Whether the checkpoint knows the table and does not say that its topic was refused to it; null: it knows nothing of it.
    /// </param>
    public void Adopt(IEnumerable<TableId> tables, IReadOnlySet<string> existing, Func<TableId, bool?> isKnown)
    {
        var candidates = tables.Where(table => !topics.ContainsKey(table) && isKnown(table) != false)
            .GroupBy(table => TopicNaming.TopicOf(prefix, table, TopicSpelling.Underscores), StringComparer.Ordinal)
            .Where(group => existing.Contains(group.Key) && !owners.ContainsKey(group.Key));
        foreach (var group in candidates)
        {
            List<TableId> known = [.. group.Where(table => isKnown(table) == true)];
            if ((known.Count > 0 ? known : [.. group]) is [var table])
                Give(group.Key, table);
        }
    }

    public IReadOnlyList<CheckpointEntry> TakeNews()
    {
        IReadOnlyList<CheckpointEntry> taken = [.. news];
        news.Clear();
        return taken;
    }

    private void Give(string topic, TableId table)
    {
        Know(topic, table);
        news.Add(new TableTopic(topic, table) { IsUnread = AreUnread }.ToEntry());
    }

    private void Know(string topic, TableId table)
    {
        owners[topic] = table;
        topics[table] = topic;
    }

    private CdcException Shared(string topic, TableId owner, TableId table)
    {
        var own = TopicNaming.TopicOf(prefix, table);
        var remedy = spelling == TopicSpelling.Escaped ? "rename the table" : $"with 'topics: {{ naming: escaped }}' it would get '{own}'";
        return new CdcException(ErrorCodes.TopicShared,
            $"Giving table '{table}' its topic, '{topic}' was found to be table '{owner}''s, which keeps it; expected one that no other " +
            $"table has: {remedy}.");
    }
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;

namespace Cdc.Contracts.Topics;

/// <summary>The names that follow from a table: its topic and that topic's subjects.</summary>
public static class TopicNaming
{
    /// <summary>Kafka's bound on a topic's name, in characters.</summary>
    public const int MaxLength = 249;

    /// <summary>How the names of topics and prefixes begin that are the platform's own; no source's begins so.</summary>
    public const string Reserved = "_cdc";

    private const string InternalPrefix = Reserved + ".";

    /// <summary>Whether a topic is the platform's own: no sink subscribes to it, whatever its patterns say.</summary>
    public static bool IsInternal(string topic) => topic.StartsWith(InternalPrefix, StringComparison.Ordinal);

    /// <summary>The prefix under which requests for re-reads wait for the capture of a prefix.</summary>
    public static string RequestsOf(string prefix) => InternalPrefix + "requests." + prefix;

    /// <summary><c>prefix.schema.table</c>, characters outside <c>[A-Za-z0-9._-]</c> replaced by <c>_</c>. Too long a name is refused, never cut.</summary>
    public static string TopicOf(string prefix, TableId table)
    {
        var topic = string.Create(prefix.Length + table.Schema.Length + table.Name.Length + 2, (prefix, table), static (span, parts) =>
        {
            $"{parts.prefix}.{parts.table.Schema}.{parts.table.Name}".CopyTo(span);
            foreach (ref var c in span)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                    c = '_';
            }
        });
        return topic.Length <= MaxLength
            ? topic
            : throw new CdcException(ErrorCodes.TopicNameTooLong,
                $"Table '{table}' would have a topic of {topic.Length} characters; {MaxLength} are the most.");
    }

    public static string KeySubject(string topic) => topic + "-key";

    public static string ValueSubject(string topic) => topic + "-value";
}

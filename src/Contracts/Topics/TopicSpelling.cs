namespace Cdc.Contracts.Topics;

/// <summary>
/// How a table's topic is spelled where its name holds characters that a topic's name cannot: all but <c>[A-Za-z0-9_-]</c>.
/// </summary>
public enum TopicSpelling
{
    /// <summary><c>_u00E9_</c> for each of them, by its code point: no two tables have one topic, whatever their script.</summary>
    Escaped,

    /// <summary>
    /// As Debezium: <c>_</c> for each of them, dots stay. Tables whose names differ in such characters only would have one topic.
    /// </summary>
    Underscores,
}

using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;

namespace Cdc.Sink.Consuming;

/// <summary>
/// Which topics a sink applies: those that its patterns select, and never one of the platform's own. A pattern may name tables as their
/// source spells them.
/// </summary>
public sealed class Subscription(IEnumerable<string> patterns)
{
    private readonly TableSelection selection = new(patterns.Select(TopicNaming.EscapePattern));

    public bool Includes(string topic) => !TopicNaming.IsInternal(topic) && selection.Includes(topic);
}

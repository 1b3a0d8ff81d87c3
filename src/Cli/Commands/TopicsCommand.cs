using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Topics;
using Cdc.Control.Commands;

namespace Cdc.Cli.Commands;

/// <summary>
/// <c>cdc topics FILE [TOPIC]</c>: shows what was captured. The process that runs the configuration is asked; where none runs, the log is
/// read and left as it is.
/// </summary>
internal sealed class TopicsCommand(Terminal terminal, OutputFormat format)
{
    public const int MostEvents = 1_000_000;

    /// <summary>Longer values are cut where a person watches.</summary>
    private const int WatchedCharacters = 100;

    public async Task<int> RunAsync(string file, string? topic, int? partition, long? from, int limit)
    {
        var options = ConfigurationFile.Load(file);
        var log = new CapturedLog(options.Log.Embedded.Path);
        if (topic is null)
            await ListAsync(await log.ListAsync(new TopicsArguments(WantedTimes.Last), CancellationToken.None));
        else
            await ShowAsync(log, TopicChoice.Find(await log.ListAsync(new TopicsArguments(), CancellationToken.None), topic), partition,
                from, limit);
        return ExitCode.Stopped;
    }

    private async Task ListAsync(TopicListing listing)
    {
        if (format == OutputFormat.Text)
            await terminal.Out.WriteAsync(EventText.Of(listing));
        foreach (var topic in format == OutputFormat.Json ? listing.Topics : [])
            await terminal.Out.WriteLineAsync(JsonLines.Of(EventText.AsJson(topic)));
    }

    /// <summary>Shows what the log held at the beginning, however much arrives meanwhile.</summary>
    private async Task ShowAsync(CapturedLog log, ListedTopic topic, int? partition, long? from, int limit)
    {
        var ends = topic.Partitions.ToDictionary(held => held.Partition, held => held.NextOffset);
        var places = TopicChoice.Places(topic, partition, from, limit);
        var isTail = from is null && places.Count > 1;
        var tail = new Queue<ShownEvent>();
        if (format == OutputFormat.Text)
            await terminal.Out.WriteAsync(EventText.Heading(topic));
        for (var left = isTail ? int.MaxValue : limit; left > 0 && places.Any(place => place.Offset < ends[place.Partition]);)
        {
            var page = await log.ReadAsync(new EventsArguments(topic.Topic, places, left, format == OutputFormat.Text && terminal.IsLive
                ? WatchedCharacters : null), CancellationToken.None);
            foreach (var shown in page.Events.Where(shown => shown.Offset < ends[shown.Partition]))
            {
                left--;
                if (!isTail)
                    await ShowAsync(topic, shown);
                else if (tail.Count == limit)
                    tail.Dequeue();
                if (isTail)
                    tail.Enqueue(shown);
            }

            if (page.IsEnd)
                break;
            places = page.Next;
        }

        foreach (var shown in tail)
            await ShowAsync(topic, shown);
    }

    private Task ShowAsync(ListedTopic topic, ShownEvent shown) => format == OutputFormat.Json
        ? terminal.Out.WriteLineAsync(JsonLines.Of(EventText.AsJson(topic.Topic, shown)))
        : terminal.Out.WriteAsync(EventText.Of(shown));
}

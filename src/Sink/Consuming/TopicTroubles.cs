using System.Collections.Concurrent;
using Cdc.Contracts.Errors;

namespace Cdc.Sink.Consuming;

/// <summary>
/// The topics whose tables are stopped for what one of their records brought, or what the target said to it, and when each is tried again.
/// A try begins where the ledger stands, so nothing is lost or repeated by waiting. Written by the sink's loop and its writer, read by
/// anyone.
/// </summary>
/// <param name="clock">Measures pauses.</param>
/// <param name="longestPause">The longest pause before a topic is tried again.</param>
public sealed class TopicTroubles(TimeProvider clock, TimeSpan longestPause)
{
    private readonly ConcurrentDictionary<string, TableTrouble> still = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TableTrouble> tried = new(StringComparer.Ordinal);

    /// <summary>Told of each stop: the topic, its trouble, and the one that it had before.</summary>
    public Action<string, TableTrouble, TableTrouble?>? OnStopped { get; set; }

    /// <summary>Told when a topic continues that had stopped.</summary>
    public Action<string>? OnPassed { get; set; }

    /// <summary>By topic, in no order.</summary>
    public IReadOnlyDictionary<string, TableTrouble> Still => still;

    /// <summary>The topics whose next try is due.</summary>
    public IEnumerable<string> Due => still.Where(topic => topic.Value.NextTry <= clock.GetUtcNow()).Select(topic => topic.Key);

    /// <summary>Why a topic is stopped; null while it runs, or is tried.</summary>
    public TableTrouble? Of(string topic) => still.GetValueOrDefault(topic);

    /// <summary>A topic is stopped from now on: a try that fails makes the next pause longer.</summary>
    public void Stop(string topic, CdcException error)
    {
        var before = still.GetValueOrDefault(topic) ?? tried.GetValueOrDefault(topic);
        var trouble = TableTrouble.After(before, error, clock.GetUtcNow(), longestPause);
        still[topic] = trouble;
        tried.TryRemove(topic, out _);
        OnStopped?.Invoke(topic, trouble, before);
    }

    /// <summary>What stopped a topic is tried again.</summary>
    public void Try(string topic)
    {
        if (still.TryRemove(topic, out var trouble))
            tried[topic] = trouble;
    }

    /// <summary>The target took something of a topic: a try went well.</summary>
    public void Applied(string topic)
    {
        if (tried.TryRemove(topic, out _))
            OnPassed?.Invoke(topic);
    }

    /// <summary>What stopped a topic lies behind it.</summary>
    public void Pass(string topic)
    {
        if (still.TryRemove(topic, out _) | tried.TryRemove(topic, out _))
            OnPassed?.Invoke(topic);
    }
}

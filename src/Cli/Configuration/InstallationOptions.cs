using Cdc.Capture;
using Cdc.Contracts.Topics;
using Cdc.Control;
using Cdc.Sink;
using Cdc.Transport.Embedded;

namespace Cdc.Cli.Configuration;

/// <summary>One configuration file, read and checked.</summary>
internal sealed record InstallationOptions
{
    /// <summary>The installation's name: part of logs and the status page. Required.</summary>
    public required string Name { get; init; }

    /// <summary>Where the topics live between capture and sinks. Required.</summary>
    public required LogOptions Log { get; init; }

    /// <summary>What holds for every topic.</summary>
    public TopicsOptions Topics { get; init; } = new();

    /// <summary>The databases to capture, by name. Required. At least one.</summary>
    public required IReadOnlyList<CaptureOptions> Sources { get; init; }

    /// <summary>The warehouses to keep up to date, by name. Default: none; changes are then only kept in the log.</summary>
    public IReadOnlyList<SinkOptions> Sinks { get; init; } = [];

    /// <summary>Where this process serves health, metrics and its status page.</summary>
    public HttpOptions Http { get; init; } = new();
}

/// <summary>The log of topics.</summary>
internal sealed record LogOptions
{
    /// <summary>A log in a folder of this machine. Required.</summary>
    public required EmbeddedLogOptions Embedded { get; init; }
}

/// <summary>What holds for every topic.</summary>
internal sealed record TopicsOptions
{
    /// <summary>
    /// How a topic is spelled whose table's name holds characters that topics cannot hold: all but letters from a to z, digits, <c>_</c>
    /// and <c>-</c>. Default: <c>escaped</c>, <c>_u00E9_</c> for each, by its code point, so that two tables never have one topic; a dot
    /// inside a name too, and a <c>_</c> where a name itself reads like that. <c>underscores</c>: <c>_</c> for each and dots stay, as
    /// Debezium does; tables whose names differ in such characters only would have one topic, and all but the first are stopped. A name
    /// that would be longer than 249 characters is cut and ends in a hash of the whole. A table that has a topic keeps it, whatever is set
    /// later.
    /// </summary>
    public TopicSpelling Naming { get; init; } = TopicSpelling.Escaped;

    /// <summary>
    /// Partitions of a new topic: a number for all, or numbers by pattern over the topic's name (<c>*</c> any characters), of which the
    /// first match wins. Default: 1. Allowed: 1 to 1024. The number of a topic that exists is never changed.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, int>> Partitions { get; init; } = [];
}

/// <summary>The schema registry; the embedded log keeps schemas in its own folder, so there is nothing to set yet.</summary>
internal sealed record RegistryOptions;

/// <summary>What a delete in the source does in the target.</summary>
internal sealed record DeletesOptions
{
    /// <summary>What a delete does. Default: <c>apply</c>, the row goes; so far the only choice.</summary>
    public string Default { get; init; } = "apply";
}

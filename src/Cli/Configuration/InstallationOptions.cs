using Cdc.Capture;
using Cdc.Contracts.Topics;
using Cdc.Control;
using Cdc.Sink;
using Cdc.Transport.Embedded;

namespace Cdc.Cli.Configuration;

/// <summary>One configuration file, read and checked.</summary>
internal sealed record InstallationOptions
{
    /// <summary>The installation's name. It is part of logs and the status page. Required.</summary>
    public required string Name { get; init; }

    /// <summary>Where the topics are kept between capture and sinks. Required.</summary>
    public required LogOptions Log { get; init; }

    /// <summary>Settings for every topic.</summary>
    public TopicsOptions Topics { get; init; } = new();

    /// <summary>The databases to capture, by name. Required. At least one.</summary>
    public required IReadOnlyList<CaptureOptions> Sources { get; init; }

    /// <summary>The warehouses to keep up to date, by name. Default: none. Changes are then only kept in the log.</summary>
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
    /// How a topic is named if its table's name has characters that topics cannot hold (all but a to z, A to Z, digits, <c>_</c> and
    /// <c>-</c>). Default: <c>escaped</c>, which writes each as <c>_u00E9_</c>, by its code point. So two tables never share a topic. A
    /// dot inside a name is escaped too, and so is a <c>_</c> where a name itself looks like an escape. <c>underscores</c> writes
    /// <c>_</c> for each and keeps dots, as Debezium does. Tables whose names differ only in such characters would then share a topic,
    /// and all but the first are stopped. A name over 249 characters is cut and ends in a hash of the complete name. A table that has a
    /// topic keeps it, whatever you set later.
    /// </summary>
    public TopicSpelling Naming { get; init; } = TopicSpelling.Escaped;

    /// <summary>
    /// Number of partitions of a new topic. Give one number for all, or numbers by pattern over the topic's name (<c>*</c> stands for any
    /// characters); the first match wins. Default: 1. Allowed: 1 to 1024. The number of an existing topic never changes.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, int>> Partitions { get; init; } = [];
}

/// <summary>The schema registry; the embedded log keeps schemas in its own folder, so there is nothing to set yet.</summary>
internal sealed record RegistryOptions;

/// <summary>What a delete in the source does in the target.</summary>
internal sealed record DeletesOptions
{
    /// <summary>What a delete does. Default: <c>apply</c>, which removes the row. This is the only choice so far.</summary>
    public string Default { get; init; } = "apply";
}

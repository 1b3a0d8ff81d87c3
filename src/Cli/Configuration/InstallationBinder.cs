using Cdc.Contracts.Errors;
using Cdc.Control;
using Cdc.Hosting;
using Cdc.Transport.Embedded;

namespace Cdc.Cli.Configuration;

/// <summary>Reads the outermost keys; sources and sinks have binders of their own.</summary>
internal static class InstallationBinder
{
    private const int MaxPartitions = 1024;

    public static InstallationOptions Bind(Section section)
    {
        var name = section.RequiredText("name", TextRule.Name);
        var log = section.Group("log", BindLog);
        section.Group("registry", BindRegistry);
        var topics = section.Group("topics", BindTopics);
        var sources = section.Named("sources",
            (key, source) => SourceBinder.Bind(key, source) with { Partitions = topics.Partitions, Naming = topics.Naming });
        if (!section.Has("sources") || (sources.Count == 0 && section.Binding.Faults.Count == 0))
            section.Fault(ErrorCodes.KeyMissing, "sources", "There is no source; expected at least one, by name.");
        return new InstallationOptions
        {
            Name = name,
            Log = log,
            Topics = topics,
            Sources = sources,
            Sinks = section.Named("sinks", (key, sink) => SinkBinder.Bind(key, sink) with { Installation = name }),
            Http = section.Group("http", BindHttp),
        };
    }

    private static LogOptions BindLog(Section section)
    {
        section.ComesLater("kafka", "Kafka as the log is");
        if (section.Has("kafka") && !section.Has("embedded"))
            return new LogOptions { Embedded = new EmbeddedLogOptions { Path = "" } };
        return new LogOptions { Embedded = section.Group("embedded", BindEmbedded) };
    }

    private static EmbeddedLogOptions BindEmbedded(Section section)
    {
        var options = new EmbeddedLogOptions { Path = section.RequiredPath("path") };
        return options with
        {
            SegmentBytes = section.Size("segment", options.SegmentBytes, 4 << 10, 4L << 30),
            RetentionBytes = section.Size("retentionBytes", 0, 8 << 10, 1L << 50) is > 0 and var bytes ? bytes : null,
            RetentionAge = section.DurationOrForever("retentionAge", options.RetentionAge, TimeSpan.FromSeconds(1)),
        };
    }

    private static RegistryOptions BindRegistry(Section section)
    {
        section.ComesLater("url", "A separate schema registry is");
        return new RegistryOptions();
    }

    private static TopicsOptions BindTopics(Section section)
    {
        var options = new TopicsOptions();
        return options with
        {
            Naming = section.Choice("naming", options.Naming), Partitions = section.NumbersByPattern("partitions", 1, MaxPartitions),
        };
    }

    private static HttpOptions BindHttp(Section section)
    {
        var options = new HttpOptions();
        return options with
        {
            Port = (int)section.Whole("port", -1, 0, 65_535) is >= 0 and var port ? port : null,
            Bind = section.Text("bind", options.Bind, TextRule.Address),
        };
    }
}

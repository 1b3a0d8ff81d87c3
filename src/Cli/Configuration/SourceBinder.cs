using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Errors;
using Cdc.Hosting;

namespace Cdc.Cli.Configuration;

/// <summary>Reads one source.</summary>
internal static class SourceBinder
{
    public static CaptureOptions Bind(string name, Section section)
    {
        section.ComesLater("mysql", "MySQL sources are");
        section.ComesLater("mariadb", "MariaDB sources are");
        section.ComesLater("columns", "Shaping of columns is");
        var postgres = section.OptionalGroup("postgres", database => BindPostgres(name, database));
        if (postgres is null && !section.Has("mysql") && !section.Has("mariadb"))
            section.Fault(ErrorCodes.KeyMissing, "postgres",
                "The source names no database; expected 'postgres' with host, database and user.");
        var prefix = section.TextOrName("topicPrefix", name, TextRule.Prefix);
        section.Claim("Topic prefix", prefix, "topicPrefix");
        return new CaptureOptions
        {
            Name = name,
            Postgres = postgres!,
            TopicPrefix = prefix,
            Tables = section.Texts("tables", TextRule.TablePattern),
            MaxValueSizeBytes = section.Size("maxValueSize", 0, 1 << 10, 1L << 30) is > 0 and var bytes ? bytes : null,
            Snapshot = section.Group("snapshot", BindSnapshot),
            Retry = section.Group("retry", RetryBinder.Bind),
            Append = section.Group("append", BindAppend),
        };
    }

    private static PostgresOptions BindPostgres(string source, Section section)
    {
        var options = new PostgresOptions
        {
            Host = section.RequiredText("host"),
            Database = section.RequiredText("database", TextRule.Identifier),
            User = section.RequiredText("user", TextRule.Identifier),
        };
        options = options with
        {
            Port = (int)section.Whole("port", options.Port, 1, 65_535),
            Password = section.Secret("password"),
            Tls = section.Group("tls", TlsBinder.Bind),
            Slot = section.TextOrName("slot", source, TextRule.Slot),
            Publication = section.TextOrName("publication", source, TextRule.Identifier),
            Create = section.Switch("create", options.Create),
            Heartbeat = section.Duration("heartbeat", options.Heartbeat, TimeSpan.Zero, TimeSpan.FromHours(1)),
        };
        if (options.Heartbeat > TimeSpan.Zero && options.Heartbeat < TimeSpan.FromSeconds(1))
            section.Fault(ErrorCodes.ValueOutOfRange, "heartbeat",
                $"'{Units.Shown(options.Heartbeat)}' is out of range; expected 0, or from 1s to 1h.");
        // Slots have names of their own in a whole server, not in a database.
        section.Claim("Slot", FormattableString.Invariant($"{options.Slot} on {options.Host.ToLowerInvariant()}:{options.Port}"), "slot");
        return options;
    }

    private static SnapshotOptions BindSnapshot(Section section)
    {
        var options = new SnapshotOptions();
        return options with
        {
            Mode = section.Choice("mode", options.Mode),
            Parallel = (int)section.Whole("parallel", options.Parallel, 1, 32),
            ChunkBytes = (int)section.Size("chunk", options.ChunkBytes, 64 << 10, 256 << 20),
            RowsPerSecond = (int)section.Whole("rowsPerSecond", options.RowsPerSecond, 0, 1_000_000_000),
        };
    }

    private static AppendOptions BindAppend(Section section)
    {
        var options = new AppendOptions();
        return options with { Bytes = (int)section.Size("bytes", options.Bytes, 64 << 10, 64 << 20) };
    }
}

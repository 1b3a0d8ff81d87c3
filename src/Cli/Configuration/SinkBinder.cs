using Cdc.Contracts.Errors;
using Cdc.Hosting;
using Cdc.Sink;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.Postgres;

namespace Cdc.Cli.Configuration;

/// <summary>Reads one sink.</summary>
internal static class SinkBinder
{
    private const string WhatComes = "Settings by table are";

    public static SinkOptions Bind(string name, Section section)
    {
        section.ComesLater("tables", WhatComes);
        var options = new SinkOptions
        {
            Name = name,
            Postgres = section.OptionalGroup("postgres", BindPostgres),
            DuckDb = section.OptionalGroup("duckdb", BindDuckDb),
            Subscribe = section.Texts("subscribe", TextRule.TopicPattern),
            Target = section.Group("target", BindTarget),
            Batch = section.Group("batch", BindBatch),
            MaxValueSizeBytes = section.Size("maxValueSize", 0, 1 << 10, 1L << 30) is > 0 and var bytes ? bytes : null,
            Retry = section.Group("retry", RetryBinder.Bind),
        };
        section.Word("mode", "merge", ["merge"], "append", "history");
        section.Group("deletes", BindDeletes);
        if (options is { Postgres: null, DuckDb: null })
            section.Fault(ErrorCodes.KeyMissing, "postgres", "The sink names no target; expected 'postgres' or 'duckdb'.");
        else if (options is { Postgres: not null, DuckDb: not null } && section.Binding.KnownKeys is null)
        {
            section.Fault(ErrorCodes.SettingsConflict, "duckdb",
                "The sink names 'postgres' too; expected one target, and a sink of its own for the other.");
        }

        return options;
    }

    private static PostgresTargetOptions BindPostgres(Section section)
    {
        var options = new PostgresTargetOptions
        {
            Host = section.RequiredText("host"),
            Database = section.RequiredText("database", TextRule.Identifier),
            User = section.RequiredText("user", TextRule.Identifier),
        };
        return options with
        {
            Port = (int)section.Whole("port", options.Port, 1, 65_535),
            Password = section.Secret("password"),
            Tls = section.Group("tls", TlsBinder.Bind),
        };
    }

    private static DuckDbTargetOptions BindDuckDb(Section section)
    {
        var options = new DuckDbTargetOptions { Path = section.RequiredPath("path") };
        if (options.Path.Length > 0)
            section.Claim("DuckDB file", options.Path, "path");
        return options with
        {
            ClosedTime = section.Duration("closedTime", options.ClosedTime, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            MemoryLimitBytes = section.Size("memoryLimit", 0, 32 << 20, 1L << 40) is > 0 and var bytes ? bytes : null,
        };
    }

    private static TargetOptions BindTarget(Section section)
    {
        var options = new TargetOptions();
        return options with
        {
            Schema = section.Text("schema", options.Schema, TextRule.Template),
            Table = section.Text("table", options.Table, TextRule.Template),
            Metadata = section.Group("metadata", BindMetadata),
        };
    }

    private static MetadataOptions BindMetadata(Section section)
    {
        var options = new MetadataOptions();
        return options with { Prefix = section.Text("prefix", options.Prefix, TextRule.MetadataPrefix) };
    }

    private static BatchOptions BindBatch(Section section)
    {
        var options = new BatchOptions();
        return options with
        {
            Rows = (int)section.Whole("rows", options.Rows, 1, 1_000_000),
            Bytes = section.Size("bytes", options.Bytes, 64 << 10, 1 << 30),
            Time = section.Duration("time", options.Time, TimeSpan.Zero, TimeSpan.FromHours(1)),
        };
    }

    private static DeletesOptions BindDeletes(Section section)
    {
        section.ComesLater("rules", "Rules for deletes are");
        section.Word("default", "apply", ["apply"], "soft", "ignore");
        return new DeletesOptions();
    }
}

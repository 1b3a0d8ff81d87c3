using Cdc.Contracts.Errors;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.Postgres;

namespace Cdc.Sink;

/// <summary>One sink: which topics it applies to which target. Exactly one of the targets is set.</summary>
public sealed record SinkOptions
{
    /// <summary>The sink's name: part of its key in the ledger, of messages and metrics. Required.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The installation that the sink is of: two may have sinks of one name on one target. Default: null, the sink's name is its key.
    /// </summary>
    public string? Installation { get; init; }

    /// <summary>Whose rows of the ledger are the sink's.</summary>
    public SinkIdentity Identity => Installation is null ? new SinkIdentity(Name, null) : new SinkIdentity($"{Installation}/{Name}", Name);

    /// <summary>A PostgreSQL database as the target. Default: null.</summary>
    public PostgresTargetOptions? Postgres { get; init; }

    /// <summary>A DuckDB file as the target. Default: null.</summary>
    public DuckDbTargetOptions? DuckDb { get; init; }

    /// <summary>
    /// Patterns over topic names (<c>*</c> stands for any characters, <c>!</c> excludes). You can write tables as their source spells
    /// them. Default: empty, all topics.
    /// </summary>
    public IReadOnlyList<string> Subscribe { get; init; } = [];

    /// <summary>Which target table a topic is written to.</summary>
    public TargetOptions Target { get; init; } = new();

    /// <summary>How changes are collected into transactions of the target.</summary>
    public BatchOptions Batch { get; init; } = new();

    /// <summary>
    /// The largest value of a column, in bytes as it is in the log. Default: null, no bound. Allowed: 1 KiB to 1 GiB. A larger value
    /// stops its table. The table resumes where it stopped when you raise the bound. Such a value is in memory several times on its way.
    /// If the bound is too small, tables stop for no reason.
    /// </summary>
    public long? MaxValueSizeBytes { get; init; }

    /// <summary>How a failed table is tried again, after a missing permission, a lock, or a value that a constraint refuses.</summary>
    public RetryOptions Retry { get; init; } = new();
}

/// <summary>Templates with <c>{schema}</c>, <c>{table}</c>, <c>{source}</c> (the topic prefix) and <c>{database}</c>.</summary>
public sealed record TargetOptions
{
    /// <summary>Schema of the target table. Default: <c>{schema}</c>, the source's.</summary>
    public string Schema { get; init; } = "{schema}";

    /// <summary>Name of the target table. Default: <c>{table}</c>, the source's.</summary>
    public string Table { get; init; } = "{table}";

    /// <summary>The columns that the platform adds to every table. Default: as <see cref="MetadataOptions"/>.</summary>
    public MetadataOptions Metadata { get; init; } = new();
}

/// <summary>
/// The columns that every target table has beside the source's: <c>partition</c>, <c>offset</c> and <c>committed_at</c>, with a prefix.
/// </summary>
public sealed record MetadataOptions
{
    /// <summary>
    /// The start of their names. Default: <c>_cdc_</c>. Choose another prefix if a source table has a column of such a name. If you
    /// change it later, the columns are renamed in existing tables. Then change what reads them by name.
    /// </summary>
    public string Prefix { get; init; } = MetadataColumns.DefaultPrefix;
}

/// <summary>A batch is written when the first of these is reached.</summary>
public sealed record BatchOptions
{
    /// <summary>Changes in a batch. Default: 50,000. Allowed: 1 to 1,000,000.</summary>
    public int Rows { get; init; } = 50_000;

    /// <summary>Memory of a batch in bytes. Default: 8 MiB. Allowed: 64 KiB to 1 GiB.</summary>
    public long Bytes { get; init; } = 8 << 20;

    /// <summary>
    /// How long a change may wait for more changes. Default: 20 ms. Allowed: 0 to 1 h. A longer time makes fewer, larger transactions.
    /// </summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMilliseconds(20);
}

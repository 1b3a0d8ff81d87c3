using Cdc.Contracts.Topics;
using Cdc.Sink.Batching;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Writers;

/// <summary>
/// Writes into one target. Everything between <see cref="BeginAsync"/> and the commit is one transaction of the target, rows and ledger
/// alike (Invariant 3). One transaction at a time; not safe for several threads. Errors of the target are <c>CDC-5…</c>, told apart into
/// those that concern the target as a whole, those that concern one table (a missing right <c>CDC-5025</c>, a lock <c>CDC-5026</c>), and
/// those that do not pass.
/// </summary>
public interface ITableWriter : IAsyncDisposable
{
    WriterCapabilities Capabilities { get; }

    /// <summary>
    /// Connects if need be, makes the schema <c>_cdc</c> with <c>ledger</c> and <c>tables</c> where they are missing, and starts a
    /// transaction. Called again after an error, it starts afresh.
    /// </summary>
    ValueTask<ITargetTransaction> BeginAsync(CancellationToken cancellationToken);
}

/// <summary>One transaction of a target; disposing it without <see cref="CommitAsync"/> rolls all of it back.</summary>
public interface ITargetTransaction : IAsyncDisposable
{
    /// <summary>What the ledger says of this sink's partitions. A sink is named by its <see cref="SinkIdentity.Key"/> throughout.</summary>
    ValueTask<IReadOnlyList<LedgerEntry>> ReadLedgerAsync(string sink, CancellationToken cancellationToken);

    /// <summary>The identity of the log that the sink applies from, or null where none is noted.</summary>
    ValueTask<string?> ReadLogAsync(string sink, CancellationToken cancellationToken);

    /// <summary>Notes the log that the sink applies from. <c>CDC-5010</c> where another is noted than expected.</summary>
    ValueTask NoteLogAsync(string sink, string? expected, string log, CancellationToken cancellationToken);

    /// <summary>
    /// Gives what the ledger notes of some topics under a sink's former name to the sink: how far they are applied, and their tables.
    /// </summary>
    ValueTask AdoptAsync(string former, string sink, IReadOnlyCollection<string> topics, CancellationToken cancellationToken);

    /// <summary>
    /// Inserts or moves ledger rows by compare-and-set, all in one exchange with the target. <c>CDC-5010</c> when a row is not as expected:
    /// another process applied in between. Called before the rows are written: from then on another process of this sink waits, and finds
    /// the ledger moved, instead of writing the same rows. Where a row is inserted, or starts over (<see cref="LedgerMove.StartsOver"/>),
    /// the rows this partition wrote into the topic's tables get the offset -1: offsets outlive neither their topic nor a gap.
    /// </summary>
    ValueTask MoveLedgerAsync(IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken);

    /// <summary>By topic, the table that this sink fills from it; the one it claimed last where there are several.</summary>
    ValueTask<IReadOnlyDictionary<string, TargetName>> ReadTablesAsync(string sink, CancellationToken cancellationToken);

    /// <summary>
    /// The sink's tables whose columns of the platform's have other names than this writer gives them: somebody changed the setting since,
    /// for the names that a table has are noted with it.
    /// </summary>
    ValueTask<IReadOnlyList<RenamedTable>> ReadRenamedAsync(string sink, CancellationToken cancellationToken);

    /// <summary>
    /// Gives those columns of a table the names of this writer, and notes so. <c>CDC-5034</c> where the table has another column of such a
    /// name. Waits for a lock a second at most. Called before anything else is done to the table.
    /// </summary>
    ValueTask RenameAsync(RenamedTable renamed, CancellationToken cancellationToken);

    /// <summary>The sink that fills a table here; null for none.</summary>
    ValueTask<string?> FillerOfAsync(TargetName table, CancellationToken cancellationToken);

    /// <summary>Removes all this sink's rows of the ledger and its log, so that it starts over; the tables stay its own.</summary>
    ValueTask ForgetLedgerAsync(string sink, CancellationToken cancellationToken);

    /// <summary>Which database this is, or null where the target has no such name: no source can be it then.</summary>
    ValueTask<SourceDatabase?> IdentifyAsync(CancellationToken cancellationToken);

    /// <summary>The table as the target has it, or null where there is none.</summary>
    ValueTask<TargetTable?> DescribeAsync(TargetName table, CancellationToken cancellationToken);

    /// <summary>
    /// Notes in <c>_cdc.tables</c> that this sink fills the table from the topic. <c>CDC-5011</c> when it belongs to another sink or
    /// topic, or was not made by us and is not empty.
    /// </summary>
    ValueTask ClaimAsync(string sink, string topic, TargetName table, CancellationToken cancellationToken);

    /// <summary>
    /// Carries out a plan: makes the table, or adds its columns, and sees to its key. Waits for a lock a second at most. Called before the
    /// transaction writes rows into that table.
    /// </summary>
    ValueTask EvolveAsync(EvolutionPlan plan, CancellationToken cancellationToken);

    /// <summary>Deletes the rows that this partition wrote last.</summary>
    ValueTask TruncateAsync(TargetName table, int partition, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the rows that this partition wrote last by a record before an offset; where <paramref name="unusedFrom"/> is given, also the
    /// rows of every partition from that number on, and those that no record wrote. The table exists.
    /// </summary>
    ValueTask SweepAsync(TargetName table, int partition, long before, int? unusedFrom, CancellationToken cancellationToken);

    /// <summary>
    /// Stages a batch's rows and merges them into the table. Answers with how many rows it inserted incomplete: a change left columns as
    /// they are, and there was no row.
    /// </summary>
    ValueTask<long> WriteAsync(TargetName table, TableBatch batch, CancellationToken cancellationToken);

    ValueTask CommitAsync(CancellationToken cancellationToken);
}

/// <summary>What a writer's target can do.</summary>
/// <param name="Name">For people: <c>postgres</c>, <c>duckdb</c>.</param>
/// <param name="MaxIdentifierBytes">The longest name the target keeps without cutting it, in bytes of UTF-8.</param>
/// <param name="FitsApart">
/// Who reads a table waits while it is changed, until that transaction ends: so tables are made and changed in transactions of their own,
/// before the rows'. Else it is done in the rows' transaction.
/// </param>
public sealed record WriterCapabilities(string Name, int MaxIdentifierBytes, bool FitsApart);

/// <summary>A table whose columns of the platform's have names from before.</summary>
/// <param name="Topic">The topic that it is filled from.</param>
/// <param name="Table">It may be gone.</param>
/// <param name="Before">Its columns' names.</param>
public sealed record RenamedTable(string Topic, TargetName Table, MetadataColumns Before);

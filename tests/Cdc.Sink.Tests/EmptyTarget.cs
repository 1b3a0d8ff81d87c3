using Cdc.Contracts.Topics;
using Cdc.Sink.Batching;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Tests;

/// <summary>A target that holds nothing; whether a transaction begins, and when, is the test's to say.</summary>
internal sealed class EmptyTarget(Func<CancellationToken, Task> begin) : ITableWriter, ITargetTransaction
{
    /// <summary>The log that it is of.</summary>
    public const string Log = "log";

    public WriterCapabilities Capabilities { get; } = new("nothing", 63, FitsApart: false);

    public async ValueTask<ITargetTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        await begin(cancellationToken);
        return this;
    }

    public ValueTask<IReadOnlyList<LedgerEntry>> ReadLedgerAsync(string sink, CancellationToken cancellationToken) => new([]);

    public ValueTask<string?> ReadLogAsync(string sink, CancellationToken cancellationToken) => new(Log);

    public ValueTask NoteLogAsync(string sink, string? expected, string log, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public ValueTask AdoptAsync(string former, string sink, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask MoveLedgerAsync(IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<IReadOnlyDictionary<string, TargetName>> ReadTablesAsync(string sink, CancellationToken cancellationToken) =>
        new(new Dictionary<string, TargetName>(StringComparer.Ordinal));

    public ValueTask<IReadOnlyList<RenamedTable>> ReadRenamedAsync(string sink, CancellationToken cancellationToken) => new([]);

    public ValueTask RenameAsync(RenamedTable renamed, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<string?> FillerOfAsync(TargetName table, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask ForgetLedgerAsync(string sink, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<SourceDatabase?> IdentifyAsync(CancellationToken cancellationToken) => new((SourceDatabase?)null);

    public ValueTask<TargetTable?> DescribeAsync(
        TargetName table, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask ClaimAsync(string sink, string topic, TargetName table, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask EvolveAsync(EvolutionPlan plan, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask TruncateAsync(TargetName table, int partition, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask SweepAsync(TargetName table, int partition, long before, int? unusedFrom, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<long> WriteAsync(TargetName table, TableBatch batch, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask CommitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

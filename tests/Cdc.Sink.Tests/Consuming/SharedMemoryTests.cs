using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.Batching;
using Cdc.Sink.Consuming;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Tests.Consuming;

/// <summary>
/// A target whose memory all tables of a transaction share: what it lacks is put down to a table only where that one alone lacks it.
/// </summary>
public sealed class SharedMemoryTests
{
    private const int Limit = 10;

    private readonly TopicTroubles troubles = new(TimeProvider.System, TimeSpan.FromMinutes(1));
    private readonly List<string> committed = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_that_do_not_fit_together_are_applied_one_by_one()
    {
        await ApplyAsync(("a", 6), ("b", 6), ("c", 1));

        Assert.Equal(["a", "b", "c"], committed.Order(StringComparer.Ordinal));
        Assert.Empty(troubles.Still);
    }

    [Fact]
    public async Task Table_that_does_not_fit_alone_stops_and_the_others_continue()
    {
        await ApplyAsync(("a", 6), ("b", 11), ("c", 1));

        Assert.Equal(["a", "c"], committed.Order(StringComparer.Ordinal));
        var still = Assert.Single(troubles.Still);
        Assert.Equal(("b", ErrorCodes.DuckDbRowsTooLarge), (still.Key, still.Value.Error.Code));
        Assert.Null(still.Value.NextTry); // Only another setting helps, and settings are read at a start.
    }

    private async Task ApplyAsync(params (string Topic, int Rows)[] tables)
    {
        var batch = new SinkBatch(new BatchOptions(), TimeProvider.System, new BatchPool(1 << 20));
        var ledger = new Dictionary<TopicPartition, LedgerEntry>();
        foreach (var (topic, rows) in tables)
        {
            var partition = new TopicPartition(topic, 0);
            var table = new SinkTable(topic, new TableId("public", topic), new TargetName("public", topic));
            var schema = new TableSchema(table.Source, [new ColumnSchema("id", "id", new ColumnType.Int64(), "bigint")], [0]);
            for (byte row = 0; row < rows; row++)
            {
                byte[] id = [row];
                batch.Add(table, schema, Operation.Create, id, new RowImage(id, [new ColumnSlice(0, 1, ColumnState.Value)]), default);
            }

            batch.MoveTo(partition, new PartitionProgress(rows, rows, null));
            ledger.Add(partition, new LedgerEntry("warehouse", partition, "id", 0, 0, null, 0));
        }

        await using var target = new SmallTarget(committed);
        var applier = new BatchApplier(new SinkIdentity("warehouse", null), target,
            new Backoff(TimeProvider.System, TimeSpan.FromSeconds(1)), troubles, _ => { }, () => { }, Token)
        {
            RenewNotes = notes => new(notes),
        };
        await applier.ApplyAsync(batch, ledger, Token);
    }

    private sealed class SmallTarget(List<string> committed) : ITableWriter, ITargetTransaction
    {
        private readonly List<TargetName> written = [];
        private int rows;

        public WriterCapabilities Capabilities { get; } = new("small", 63, FitsApart: false);

        public ValueTask<ITargetTransaction> BeginAsync(CancellationToken cancellationToken)
        {
            written.Clear();
            rows = 0;
            return new(this);
        }

        public ValueTask<IReadOnlyList<LedgerEntry>> ReadLedgerAsync(
            string sink, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<string?> ReadLogAsync(string sink, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask NoteLogAsync(string sink, string? expected, string log, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask AdoptAsync(string former, string sink, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IReadOnlyList<RenamedTable>> ReadRenamedAsync(
            string sink, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RenameAsync(RenamedTable renamed, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask MoveLedgerAsync(IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<IReadOnlyDictionary<string, TargetName>> ReadTablesAsync(
            string sink, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<string?> FillerOfAsync(TargetName table, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ForgetLedgerAsync(string sink, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<SourceDatabase?> IdentifyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<TargetTable?> DescribeAsync(TargetName table, CancellationToken cancellationToken) => new((TargetTable?)null);

        public ValueTask ClaimAsync(string sink, string topic, TargetName table, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;

        public ValueTask EvolveAsync(EvolutionPlan plan, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask TruncateAsync(TargetName table, int partition, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask SweepAsync(TargetName table, int partition, long before, int? unusedFrom, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<long> WriteAsync(TargetName table, TableBatch batch, CancellationToken cancellationToken)
        {
            rows += batch.Count;
            if (rows > Limit)
                throw new CdcException(ErrorCodes.DuckDbRowsTooLarge, $"Writing into table '{table}', memory was found to be short.");
            written.Add(table);
            return new(0L);
        }

        public ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            committed.AddRange(written.Select(table => table.Name));
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

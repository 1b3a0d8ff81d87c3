using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Snapshot;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Tests.Scripted;

/// <summary>Reads the tables of a <see cref="ScriptedDatabase"/>, each a file of one page; fails where the script says so.</summary>
internal sealed class ScriptedReader(ScriptedDatabase database) : ISnapshotReader
{
    private const uint FileNode = 7;

    private readonly ConcurrentDictionary<TableId, CdcException> faults = new();
    private readonly ConcurrentDictionary<TableId, TaskCompletionSource> holds = new();

    /// <summary>A table that has got that name when it is looked at the next time, and has its own again afterwards.</summary>
    public ConcurrentDictionary<TableId, TableId> Renamed { get; } = new();

    /// <summary>Whose transaction has been running since before everything; null for nobody's.</summary>
    public string? Running { get; set; }

    /// <summary>How often a read of each table was begun.</summary>
    public ConcurrentDictionary<TableId, int> Reads { get; } = new();

    /// <summary>Every read of the table fails so from now on; null: no more.</summary>
    public void Fail(TableId table, CdcException? error)
    {
        if (error is null)
            faults.TryRemove(table, out _);
        else
            faults[table] = error;
    }

    /// <summary>The next read of the table, which has its rows, hands them out only when the answer is completed.</summary>
    public TaskCompletionSource Hold(TableId table) => holds[table] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IReadOnlyList<TableFinding>> DescribeAsync(IReadOnlyCollection<TableId> tables, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<TableFinding>>([.. tables.Select(Describe)]);

    public async Task<ReadChunk?> ReadAsync(TableChunk chunk, CancellationToken cancellationToken)
    {
        var table = chunk.Table.Table;
        Reads.AddOrUpdate(table, 1, (_, count) => count + 1);
        if (faults.TryGetValue(table, out var fault))
            throw fault;
        var (visible, rows, end) = (database.Visible, database.Rows(table), database.End);
        if (holds.TryRemove(table, out var hold))
            await hold.Task.WaitAsync(cancellationToken);
        return rows is null ? null : new ReadChunk(new ChunkFacts(visible, end, chunk is RangeChunk ? FileNode : 0) { Rows = rows.Count }, new Rows(rows));
    }

    public Task<WholeTable?> OpenWholeAsync(TableProgress table, int pieceBytes, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Tables of the script have keys.");

    public Task<CatalogSight> LookAsync(IReadOnlyCollection<uint> known, CancellationToken cancellationToken)
    {
        var position = database.End;
        return Task.FromResult(new CatalogSight(
            database.Tables.ToDictionary(table => table, LookOf), position)
        {
            Gone = known.Except(database.Tables.Select(OidOf)).ToHashSet(),
        });
    }

    public Task<SourcePulse> PulseAsync(PulseKind kind, CancellationToken cancellationToken) => Task.FromResult(
        new SourcePulse(Running is null ? database.Visible : TransactionSnapshot.Parse($"1:{database.Visible.Xmax}:1"), database.End) { Oldest = kind == PulseKind.Oldest ? Running : null });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static uint OidOf(TableId table) => (uint)(20000 + string.GetHashCode(table.Name, StringComparison.Ordinal) % 1000);

    private TableFinding Describe(TableId table) => database.Rows(table) is not { } rows
        ? new TableFinding(table, null) { Error = new CdcException(ErrorCodes.SourceTableGone, $"Looking at table '{table}', it is gone.") }
        : new TableFinding(table, new TableDescription(
            ShapeOf(table), OidOf(table), [new PagedPart(OidOf(table), table, FileNode) { Pages = 1 }], rows.Count) { Look = LookOf(table), Position = database.End });

    private SourceTable ShapeOf(TableId table)
    {
        var shape = database.ShapeOf(table);
        return Renamed.TryRemove(table, out var name) ? new SourceTable(shape.Schema with { Id = name }, shape.Transcoders) : shape;
    }

    private static TableLook LookOf(TableId table) => new(TableColumns.None, [new PagedFile(OidOf(table), table, FileNode)])
    {
        Fingerprint = new TableFingerprint
        {
            Oid = OidOf(table), Name = table.ToString(), Home = "home", Publication = "publication", Sends = "iudt", Memberships = [], Identity = "d", Key = [1],
            Columns = [], Parts = ImmutableSortedDictionary<uint, string>.Empty, Types = ImmutableSortedDictionary<uint, string>.Empty,
        },
    };

    private sealed class Rows(IReadOnlyList<(string Key, string Text)> rows) : ChunkRows
    {
        private int at;

        public override bool TryRead(out ReadOnlySpan<byte> row, out Span<ColumnSlice> columns)
        {
            row = default;
            columns = default;
            if (at == rows.Count)
                return false;
            var (bytes, slices) = ScriptedDatabase.RowOf(rows[at].Key, rows[at].Text);
            at++;
            row = bytes;
            columns = slices;
            return true;
        }

        public override void Dispose()
        {
        }
    }
}

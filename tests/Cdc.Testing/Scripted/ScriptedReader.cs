using System.Collections.Concurrent;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Testing.Scripted;

/// <summary>Reads the tables of a <see cref="ScriptedDatabase"/>, some rows at once in the order of keys; fails when told to.</summary>
public sealed class ScriptedReader(ScriptedDatabase database) : ISnapshotReader
{
    /// <summary>Rows of a chunk, however small they are.</summary>
    private const int MostRows = 3;

    private readonly ConcurrentDictionary<TableId, CdcException> faults = new();
    private readonly ConcurrentDictionary<TableId, (int Read, TaskCompletionSource End)> holds = new();

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

    /// <summary>A read of the table, which has its rows, hands them out only when the answer is completed.</summary>
    /// <param name="table">Whose.</param>
    /// <param name="read">Which of its reads, from 1 on.</param>
    public TaskCompletionSource Hold(TableId table, int read = 1)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        holds[table] = (read, end);
        return end;
    }

    public Task<IReadOnlyList<TableFinding>> DescribeAsync(IReadOnlyCollection<TableId> tables, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<TableFinding>>([.. tables.Select(Describe)]);

    public async Task<SnapshotChunk?> ReadAsync(TableChunk chunk, CancellationToken cancellationToken)
    {
        var table = chunk.Table.Table;
        var number = Reads.AddOrUpdate(table, 1, (_, count) => count + 1);
        if (faults.TryGetValue(table, out var fault))
            throw fault;
        var (sight, rows, end) = (database.Look(), database.Rows(table), database.End);
        if (holds.TryGetValue(table, out var hold) && hold.Read == number)
            await hold.End.Task.WaitAsync(cancellationToken);
        return rows is null ? null : Read(chunk, rows, new ChunkFacts(sight, end, chunk is RangeChunk ? ScriptedFile.TheVersion : 0));
    }

    public Task<TableScan?> OpenWholeAsync(TableSnapshot table, int pieceBytes, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Tables of the script have keys.");

    public Task<CatalogSight> LookAsync(IReadOnlyCollection<uint> known, CancellationToken cancellationToken)
    {
        var position = database.End;
        return Task.FromResult(new CatalogSight(
            database.Tables.ToDictionary(table => table, LookOf), position)
        {
            Gone = known.Except(database.Tables.Select(NumberOf)).ToHashSet(),
        });
    }

    public Task<SourcePulse> PulseAsync(PulseKind kind, CancellationToken cancellationToken) => Task.FromResult(
        new SourcePulse(database.Look(isHeld: Running is not null), database.End) { Oldest = kind == PulseKind.Oldest ? Running : null });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static uint NumberOf(TableId table) => (uint)(20000 + string.GetHashCode(table.Name, StringComparison.Ordinal) % 1000);

    private TableFinding Describe(TableId table) => database.Rows(table) is not { } rows
        ? new TableFinding(table, null) { Error = new CdcException(ErrorCodes.SourceTableGone, $"Looking at table '{table}', it is gone.") }
        : new TableFinding(table, new TableDescription(
            ShapeOf(table), NumberOf(table), [new ScriptedPart(NumberOf(table))], rows.Count)
        {
            Look = LookOf(table), Position = database.End,
        });

    private SourceTable ShapeOf(TableId table)
    {
        var shape = database.ShapeOf(table);
        return Renamed.TryRemove(table, out var name) ? new SourceTable(shape.Schema with { Id = name }, shape.Transcoders) : shape;
    }

    private static TableLook LookOf(TableId table) => new(TableColumns.None, [new ScriptedFile(NumberOf(table))])
    {
        Fingerprint = new ScriptedFingerprint(NumberOf(table), table.ToString()),
    };

    /// <summary>Keys that are asked for are looked for in the whole table: rows that were not asked for do no harm.</summary>
    private static SnapshotChunk Read(TableChunk chunk, IReadOnlyList<(string Key, string Text)> rows, ChunkFacts facts)
    {
        if (chunk is not RangeChunk { Range: ScriptedRange range })
            return new SnapshotChunk(facts with { Rows = rows.Count }, new Rows(rows));
        List<(string Key, string Text)> behind = [.. rows.Where(row => string.CompareOrdinal(row.Key, range.Behind) > 0)];
        var isCut = behind.Count > MostRows;
        var taken = behind.Take(MostRows).ToList();
        var rest = isCut ? new ScriptedRange(taken[^1].Key) : null;
        return new SnapshotChunk(facts with { Rows = taken.Count, IsCut = isCut, Rest = rest }, new Rows(taken));
    }

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

using Cdc.Capture.Sources;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Publishing;

/// <summary>
/// Encodes changes into one batch while the one before is being appended: two batches, no more (Invariant 7). Appends follow one another,
/// each with the mark that covers its records (Invariants 1 and 3). Used by one thread at a time.
/// </summary>
public sealed class EventPublisher : IAsyncDisposable
{
    private readonly ITopicLogWriter log;
    private readonly TablePlacer placer;
    private readonly TablesHealth health;
    private readonly int appendBytes;
    private readonly TimeProvider clock;
    private readonly Dictionary<SourceTable, TableEncoder> encoders = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SourceTable, CdcException> refused = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TableId, TablePlacement> placements = [];
    private RecordBatch filling;
    private RecordBatch spare;
    private TableEncoder? latest;
    private Task appending = Task.CompletedTask;
    private long now;

    public EventPublisher(ITopicLogWriter log, TablePlacer placer, TablesHealth health, int appendBytes, TimeProvider clock)
    {
        this.log = log;
        this.placer = placer;
        this.health = health;
        this.appendBytes = appendBytes;
        this.clock = clock;
        filling = new RecordBatch(placer.Partitions);
        spare = new RecordBatch(placer.Partitions);
        Tick();
    }

    /// <summary>What the source wants to be kept with what it hands out; null: nothing.</summary>
    public SourceMemory? Memory { get; init; }

    /// <summary>Records handed over and durable, since this publisher began.</summary>
    public long Appended { get; private set; }

    /// <summary>Their bytes.</summary>
    public long AppendedBytes { get; private set; }

    /// <summary>The batch holds as much as one append should.</summary>
    public bool IsFull => filling.Buffer.Length >= appendBytes;

    public bool HasRecords => !filling.IsEmpty || health.HasNews || placer.Topics.HasNews;

    /// <summary>The append under way; done where there is none. Its failure is thrown by the next append.</summary>
    public Task Appending => appending;

    /// <summary>Looks at the clock; once a block is often enough for an event's handling time.</summary>
    public void Tick() => now = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>
    /// Makes ready for a table under a new shape: its topic, its schemas, its encoder. What the registry refuses stops the table alone.
    /// </summary>
    public async ValueTask PrepareAsync(SourceTable table, SourceBlock source, CancellationToken cancellationToken)
    {
        if (!await TryPrepareAsync(table, source, cancellationToken))
            health.Of(table.Schema.Id).Stop(refused[table]);
    }

    /// <summary>Shapes of a table that were refused get another chance.</summary>
    public async ValueTask PrepareAgainAsync(TableId table, SourceBlock source, CancellationToken cancellationToken)
    {
        foreach (var shape in refused.Keys.Where(shape => shape.Schema.Id == table).ToList())
            await TryPrepareAsync(shape, source, cancellationToken);
    }

    /// <summary>As <see cref="PrepareAsync"/>, but a refusal stops nothing: it is the answer.</summary>
    public async ValueTask<CdcException?> ProbeAsync(SourceTable table, SourceBlock source, CancellationToken cancellationToken) =>
        await TryPrepareAsync(table, source, cancellationToken) ? null : refused[table];

    /// <summary>Nothing tells a table's rows apart: it is never captured as if it only ever got rows.</summary>
    public static CdcException Unidentified(TableId table) => new(ErrorCodes.SourceIdentityMissing,
        $"Looking at table '{table}', it is published and has no replica identity: neither a key nor REPLICA IDENTITY FULL was found.");

    /// <summary>Encodes a change onto the batch. What its table's schema cannot carry at all stops the table alone.</summary>
    public void Publish(in SourceChange change)
    {
        if (!health.IsPublished(change.Table.Schema.Id))
        {
            health.Of(change.Table.Schema.Id).LeaveOut();
            return;
        }

        try
        {
            if (change.Refusal is not null)
                throw change.Refusal;
            if (latest?.Table != change.Table && !encoders.TryGetValue(change.Table, out latest))
                throw refused.GetValueOrDefault(change.Table) ?? NotReady(change.Table);
            latest!.Encode(change, filling, now);
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            var table = health.Of(change.Table.Schema.Id);
            table.Stop(error);
            table.LeaveOut();
        }
    }

    /// <summary>
    /// Waits for the append under way, then begins the next one with what was gathered; <paramref name="durable"/> follows when it is done.
    /// </summary>
    /// <param name="mark">What the records reach.</param>
    /// <param name="notes">What else the checkpoint notes with them.</param>
    /// <param name="durable">Called with the mark.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async ValueTask AppendAsync(
        SourceMark mark, AppendNotes notes, Action<SourceMark> durable, CancellationToken cancellationToken)
    {
        await appending;
        (filling, spare) = (spare, filling);
        appending = AppendSpareAsync(mark, notes, durable, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await appending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var encoder in encoders.Values)
            encoder.Dispose();
        filling.Dispose();
        spare.Dispose();
    }

    private static CdcException NotReady(SourceTable table) =>
        new(ErrorCodes.Internal, $"A change of table '{table.Schema.Id}' came before its shape was made ready.");

    private async ValueTask<bool> TryPrepareAsync(SourceTable table, SourceBlock source, CancellationToken cancellationToken)
    {
        if (encoders.ContainsKey(table))
            return true;
        try
        {
            if (!table.IsIdentified)
                throw Unidentified(table.Schema.Id);
            var placement = await placer.PlaceAsync(table.Schema, source.Schema, cancellationToken);
            placements[table.Schema.Id] = placement;
            encoders[table] = new TableEncoder(table, source, placement);
            refused.Remove(table);
            return true;
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            refused[table] = error;
            return false;
        }
    }

    private async Task AppendSpareAsync(
        SourceMark mark, AppendNotes notes, Action<SourceMark> durable, CancellationToken cancellationToken)
    {
        IReadOnlyList<CheckpointEntry> entries =
        [
            .. mark.Entries, .. notes.Entries, .. health.TakeNews(), .. placer.Topics.TakeNews(), .. Memory?.TakeNews() ?? [],
        ];
        var moves = health.MovesTaken;
        var edges = notes.Edges.Select(edge => (placements[edge.Table], edge)).ToList();
        await log.AppendAsync(spare, offsets => Note(entries, notes.BeginsLineage, edges, offsets), cancellationToken);
        Appended += spare.RecordCount;
        AppendedBytes += spare.Buffer.Length;
        spare.Clear(2 * appendBytes);
        health.Noted(moves);
        durable(mark); // Invariant 1: only now.
    }

    private IReadOnlyList<CheckpointEntry> Note(
        IReadOnlyList<CheckpointEntry> entries, bool beginsLineage, List<(TablePlacement Placement, SnapshotEdge Edge)> edges,
        AppendedOffsets offsets)
    {
        placer.Places.Move(offsets);
        if (beginsLineage)
            entries = [.. entries, .. placer.Places.BeginLineage()];
        return edges.Count == 0
            ? entries
            : [.. entries, .. edges.Select(edge => placer.Places.Note(edge.Placement, edge.Edge)).OfType<CheckpointEntry>()];
    }
}

using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Reading;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>Lets every call of a reader end soon after it is cancelled, whatever the server does.</summary>
public sealed class PromptSnapshotReader(ISnapshotReader reader) : ISnapshotReader
{
    public Task<IReadOnlyList<TableFinding>> DescribeAsync(IReadOnlyCollection<TableId> tables, CancellationToken cancellationToken) =>
        DriverCall.RunAsync(token => reader.DescribeAsync(tables, token), cancellationToken);

    public Task<SnapshotChunk?> ReadAsync(TableChunk chunk, CancellationToken cancellationToken) =>
        DriverCall.RunAsync(token => reader.ReadAsync(chunk, token), cancellationToken);

    public async Task<TableScan?> OpenWholeAsync(TableSnapshot table, int pieceBytes, CancellationToken cancellationToken)
    {
        var whole = await DriverCall.RunAsync(token => reader.OpenWholeAsync(table, pieceBytes, token), cancellationToken);
        return whole is null ? null : new PromptTableScan(whole) { Facts = whole.Facts };
    }

    public Task<CatalogSight> LookAsync(IReadOnlyCollection<uint> known, CancellationToken cancellationToken) =>
        DriverCall.RunAsync(token => reader.LookAsync(known, token), cancellationToken);

    public Task<SourcePulse> PulseAsync(PulseKind kind, CancellationToken cancellationToken) =>
        DriverCall.RunAsync(token => reader.PulseAsync(kind, token), cancellationToken);

    public ValueTask DisposeAsync() => DriverCall.CloseAsync(reader);

    private sealed class PromptTableScan(TableScan whole) : TableScan
    {
        public override required ChunkFacts Facts { get; init; }

        public override string? Waiter => whole.Waiter;

        public override Task<ChunkRows?> ReadAsync(CancellationToken cancellationToken) =>
            DriverCall.RunAsync(whole.ReadAsync, cancellationToken);

        public override ValueTask DisposeAsync() => DriverCall.CloseAsync(whole);
    }
}

using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Schema;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// A whole table in one transaction: lock, what can be seen, how the table looks, then the rows of each of its files in turn, as the server
/// sends them. It ends with its session.
/// </summary>
internal sealed class PostgresTableScan : TableScan
{
    private const int ReadBytes = 1 << 16;

    private readonly GivingWay keeping;
    private readonly TableSchema schema;
    private readonly ReadPlan plan;
    private readonly ValueLimit limit;
    private readonly int pieceBytes;
    private readonly Queue<TableId> left;
    private NpgsqlCopyTextReader? copy;

    private PostgresTableScan(
        GivingWay keeping, SourceTable shape, ReadPlan plan, ValueLimit limit, int pieceBytes, IEnumerable<TableId> parts)
    {
        this.limit = limit;
        this.keeping = keeping;
        this.plan = plan;
        this.pieceBytes = pieceBytes;
        schema = shape.Schema;
        left = new Queue<TableId>(parts);
    }

    public override required ChunkFacts Facts { get; init; }

    public override string? Waiter => keeping.Waiter;

    public static async Task<PostgresTableScan> OpenAsync(
        GivingWay keeping, SourceTable shape, ReadPlan plan, ValueLimit limit, int pieceBytes, CancellationToken cancellationToken)
    {
        var session = keeping.Connection;
        var id = shape.Schema.Id;
        var locked = await LeavesAsync(session, plan, id, cancellationToken);
        await using (var command = new NpgsqlCommand($"{SnapshotSql.Begin}; {SnapshotSql.LockWhole(id, plan.IsPartitioned)}", session))
            await command.ExecuteNonQueryAsync(cancellationToken);
        var facts = await ChunkReader.ReadFactsAsync(session, plan, plan.Oid, cancellationToken);

        // Of a leaf that came in between the lock may be too late.
        var parts = await LeavesAsync(session, plan, id, cancellationToken);
        return new PostgresTableScan(keeping, shape, plan, limit, pieceBytes, parts)
        {
            Facts = facts with { IsReshaped = facts.IsReshaped || !parts.SequenceEqual(locked) },
        };
    }

    public override async Task<ChunkRows?> ReadAsync(CancellationToken cancellationToken)
    {
        var text = new PooledBuffer(pieceBytes + ReadBytes);
        var values = limit.IsSet ? new CopiedValueWatch(limit) : null;
        try
        {
            while (text.Length < pieceBytes || text.WrittenSpan[^1] != '\n')
            {
                if (copy is null && !await TryBeginPartAsync(cancellationToken))
                    break;

                // The rows' bytes as they come, not decoded.
                var stream = ((StreamReader)(TextReader)copy!).BaseStream;
                var count = await stream.ReadAsync(text.GetMemory(ReadBytes)[..ReadBytes], cancellationToken);
                text.Advance(count);
                if (values?.Take(text.WrittenSpan) is { } large)
                    throw await values.RefuseAsync(copy, schema, large, cancellationToken);
                if (count == 0)
                    await EndPartAsync();
            }
        }
        catch (Exception error)
        {
            text.Dispose();
            keeping.ThrowIfGivenWay(schema.Id.ToString());
            if (error is NpgsqlException failed
                && PostgresErrors.From(failed, SessionStep.Table, $"Reading table '{schema.Id}'") is { } known)
                throw known;
            throw;
        }

        if (text.Length > 0)
            return new CopiedRows(text, schema.Columns.Length);
        text.Dispose();
        return null;
    }

    public override ValueTask DisposeAsync() => keeping.DisposeAsync();

    private static async Task<List<TableId>> LeavesAsync(
        NpgsqlConnection session, ReadPlan plan, TableId table, CancellationToken cancellationToken)
    {
        if (!plan.IsPartitioned)
            return [table];
        await using var command = new NpgsqlCommand(SnapshotSql.Leaves(plan.Oid), session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var leaves = new List<TableId>();
        while (await reader.ReadAsync(cancellationToken))
            leaves.Add(new TableId(reader.GetString(0), reader.GetString(1)));
        return leaves;
    }

    private async Task<bool> TryBeginPartAsync(CancellationToken cancellationToken)
    {
        if (!left.TryDequeue(out var part))
            return false;
        copy = await keeping.Connection.BeginTextExportAsync(SnapshotSql.CopyWhole(schema, part, plan), cancellationToken);
        return true;
    }

    private async Task EndPartAsync()
    {
        await copy!.DisposeAsync();
        copy = null;
    }
}

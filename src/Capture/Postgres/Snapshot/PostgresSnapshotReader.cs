using System.Runtime.CompilerServices;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Schema;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// Reads tables of a PostgreSQL source (14 to 18) by runs of pages or by keys, in sessions of the source's pool, which outlives it.
/// </summary>
public sealed class PostgresSnapshotReader(
    PostgresOptions options, SessionPool sessions, TableShapes shapes, SourceMemory memory, TimeProvider clock) : ISnapshotReader
{
    private readonly ConditionalWeakTable<SourceTable, ReadPlan> plans = [];

    /// <summary>Which tables are captured where they are published.</summary>
    public Func<TableId, bool> IsSelected { get; init; } = _ => true;

    /// <summary>Told what the catalog calls tables; null where the stream itself tells.</summary>
    public StreamedNames? Names { get; init; }

    /// <summary>The largest value that is read.</summary>
    public ValueLimit Limit { get; init; } = ValueLimit.None;

    /// <summary>Called before each look at the catalog, with its session.</summary>
    public Func<NpgsqlConnection, CancellationToken, Task>? BeforeLook { get; init; }

    /// <summary>Called after each message that was written into the source's log.</summary>
    public Action? OnBeat { get; init; }

    public Task<IReadOnlyList<TableFinding>> DescribeAsync(
        IReadOnlyCollection<TableId> tables, CancellationToken cancellationToken) => sessions.UseAsync(
        "Looking at tables before they are read",
        (session, token) => new TableDescriptions(session, options.Publication, shapes, memory, Names, plans.AddOrUpdate).RunAsync(tables,
            token),
        cancellationToken);

    public async Task<SnapshotChunk?> ReadAsync(TableChunk chunk, CancellationToken cancellationToken)
    {
        if (!plans.TryGetValue(chunk.Shape, out var plan))
            return null;
        await using var session = await sessions.TakeAsync(cancellationToken);
        return await RunAsync(session, chunk.Table.Table, (chunk as RangeChunk)?.Part.Number ?? plan.Oid, async () =>
        {
            var read = await new ChunkReader(session.Connection, chunk, plan, Limit).RunAsync(cancellationToken);
            session.Keep();
            return read;
        }, cancellationToken);
    }

    public async Task<TableScan?> OpenWholeAsync(TableSnapshot table, int pieceBytes, CancellationToken cancellationToken)
    {
        if (!plans.TryGetValue(table.Shape!, out var plan))
            return null;
        var session = await sessions.TakeAsync(cancellationToken);
        var keeping = new GivingWay(session, sessions, table.Yields, clock);
        TableScan? whole = null;
        try
        {
            whole = await RunAsync<TableScan>(session, table.Table, plan.Oid, async () =>
                await PostgresTableScan.OpenAsync(keeping, table.Shape!, plan, Limit, pieceBytes, cancellationToken), cancellationToken);
            return whole;
        }
        finally
        {
            if (whole is null)
                await keeping.DisposeAsync();
        }
    }

    public Task<CatalogSight> LookAsync(IReadOnlyCollection<uint> known, CancellationToken cancellationToken) => sessions.UseAsync(
        "Looking at the catalog's tables", (session, token) => LookAsync(session, known, token), cancellationToken);

    public Task<SourcePulse> PulseAsync(PulseKind kind, CancellationToken cancellationToken) => sessions.UseAsync(
        "Looking at what the source shows", (session, token) => PulseAsync(session, kind, token), cancellationToken);

    /// <summary>What it hands out is of sessions that are not its own.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<CatalogSight> LookAsync(
        NpgsqlConnection session, IReadOnlyCollection<uint> known, CancellationToken cancellationToken)
    {
        if (BeforeLook is not null)
            await BeforeLook(session, cancellationToken);

        // First: what goes between the two is found by the next look.
        var gone = await CatalogLook.ReadGoneAsync(session, known, cancellationToken);
        var sight = await CatalogLook.TakeAsync(session, options.Publication, IsSelected, Names, cancellationToken);
        return sight with { Gone = gone };
    }

    private async Task<SourcePulse> PulseAsync(NpgsqlConnection session, PulseKind kind, CancellationToken cancellationToken)
    {
        if (kind is PulseKind.Heartbeat or PulseKind.Flush)
        {
            await using var message = new NpgsqlCommand(kind == PulseKind.Flush ? SnapshotSql.Flush : SnapshotSql.Heartbeat, session);
            await message.ExecuteNonQueryAsync(cancellationToken);
            OnBeat?.Invoke();
        }

        var oldest = kind == PulseKind.Oldest ? await OpenTransaction.FindOldestAsync(session, cancellationToken) : null;
        await using var command = new NpgsqlCommand(SnapshotSql.Look, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new SourcePulse(TransactionSnapshot.Parse(reader.GetString(0)),
            Lsn.Parse(reader.GetString(1)).Value) { Oldest = oldest?.Describe() };
    }

    /// <summary>
    /// Reads of a table; null where it is gone. A lock that somebody keeps is that table's trouble alone (<c>CDC-2080</c>).
    /// </summary>
    private static async Task<T?> RunAsync<T>(
        PooledSession session, TableId table, uint oid, Func<Task<T>> read, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
        catch (PostgresException error) when (TableLocks.Stopped(error))
        {
            var locked = await ExplainAsync(session, table, oid, error, cancellationToken);
            session.Keep();
            throw locked;
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Table, $"Reading table '{table}'") ?? (Exception)error;
        }
    }

    private static async Task<Exception> ExplainAsync(
        PooledSession session, TableId table, uint oid, PostgresException error, CancellationToken cancellationToken)
    {
        try
        {
            return await TableLocks.ExplainAsync(session.Connection, $"Reading table '{table}'", oid, error, cancellationToken);
        }
        catch (NpgsqlException lost)
        {
            return PostgresErrors.From(lost, SessionStep.Command, $"Asking who keeps table '{table}' locked") ?? (Exception)lost;
        }
    }
}

using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Snapshot;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>Reads tables of a PostgreSQL source (14 to 18) by runs of pages or by keys, in sessions of its own.</summary>
public sealed class PostgresSnapshotReader(PostgresOptions options, TableShapes shapes, SourceMemory memory) : ISnapshotReader
{
    private const string UndefinedTable = "42P01";
    private const string UndefinedSchema = "3F000";

    private readonly SessionPool sessions = new(options);
    private readonly ConditionalWeakTable<SourceTable, ReadPlan> plans = [];
    private NpgsqlConnection? watching;
    private NpgsqlConnection? looking;

    /// <summary>Which tables are captured where they are published.</summary>
    public Func<TableId, bool> IsSelected { get; init; } = _ => true;

    /// <summary>Called before each look at the catalog, with its session.</summary>
    public Func<NpgsqlConnection, CancellationToken, Task>? BeforeLook { get; init; }

    /// <summary>Called after each message that was written into the source's log.</summary>
    public Action? OnBeat { get; init; }

    public async Task<TableDescription?> DescribeAsync(TableId table, CancellationToken cancellationToken)
    {
        NpgsqlConnection? session = null;
        try
        {
            session = await sessions.TakeAsync(cancellationToken);
            var description = await DescribeAsync(session, table, cancellationToken);
            sessions.GiveBack(session);
            session = null;
            return description;
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Table, $"Looking at table '{table}' before it is read") ?? (Exception)error;
        }
        finally
        {
            if (session is not null)
                await session.DisposeAsync();
        }
    }

    public async Task<ReadChunk?> ReadAsync(TableChunk chunk, CancellationToken cancellationToken)
    {
        if (!plans.TryGetValue(chunk.Shape, out var plan))
            return null;
        NpgsqlConnection? session = null;
        try
        {
            session = await sessions.TakeAsync(cancellationToken);
            var read = await new ChunkRead(session, chunk, plan).RunAsync(cancellationToken);
            sessions.GiveBack(session);
            session = null;
            return read;
        }
        catch (PostgresException error) when (error.SqlState is UndefinedTable or UndefinedSchema)
        {
            return null;
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Table, $"Reading table '{chunk.Table.Table}'") ?? (Exception)error;
        }
        finally
        {
            if (session is not null)
                await session.DisposeAsync();
        }
    }

    public async Task<WholeTable?> OpenWholeAsync(TableProgress table, int pieceBytes, CancellationToken cancellationToken)
    {
        if (!plans.TryGetValue(table.Shape!, out var plan))
            return null;
        NpgsqlConnection? session = null;
        try
        {
            session = await sessions.TakeAsync(cancellationToken);
            var whole = await WholeTableRead.OpenAsync(session, table.Shape!, plan, pieceBytes, cancellationToken);
            session = null;
            return whole;
        }
        catch (PostgresException error) when (error.SqlState is UndefinedTable or UndefinedSchema)
        {
            return null;
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Table, $"Reading table '{table.Table}'") ?? (Exception)error;
        }
        finally
        {
            if (session is not null)
                await session.DisposeAsync();
        }
    }

    public async Task<CatalogSight> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            looking = await PostgresSession.ReopenAsync(looking, options, cancellationToken);
            if (BeforeLook is not null)
                await BeforeLook(looking, cancellationToken);
            return await CatalogLook.TakeAsync(looking, options.Publication, IsSelected, cancellationToken);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, "Looking at the catalog's tables") ?? (Exception)error;
        }
    }

    public async Task<(TransactionSnapshot Snapshot, ulong Position)> PulseAsync(PulseKind kind, CancellationToken cancellationToken)
    {
        try
        {
            watching = await PostgresSession.ReopenAsync(watching, options, cancellationToken);
            if (kind != PulseKind.Look)
            {
                await using var message = new NpgsqlCommand(kind == PulseKind.Flush ? SnapshotSql.Flush : SnapshotSql.Heartbeat, watching);
                await message.ExecuteNonQueryAsync(cancellationToken);
                OnBeat?.Invoke();
            }

            await using var command = new NpgsqlCommand(SnapshotSql.Look, watching);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return (TransactionSnapshot.Parse(reader.GetString(0)), Lsn.Parse(reader.GetString(1)).Value);
        }
        catch (NpgsqlException error)
        {
            throw PostgresErrors.From(error, SessionStep.Command, "Looking at what the source shows") ?? (Exception)error;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await sessions.DisposeAsync();
        if (watching is not null)
            await watching.DisposeAsync();
        if (looking is not null)
            await looking.DisposeAsync();
    }

    private async Task<TableDescription?> DescribeAsync(NpgsqlConnection session, TableId id, CancellationToken cancellationToken)
    {
        if (await FindAsync(session, id, cancellationToken) is not { } found)
            return await ExistsAsync(session, id, cancellationToken) ? null : throw Gone(id);

        // Before the catalog is read: what changes in between is found by the first chunk.
        var (look, position) = await CatalogLook.TakeAsync(session, options.Publication, found.Oid, cancellationToken);
        var tables = await new CatalogReader(session, new TypeCatalog()).ReadTablesAsync([found.Oid], cancellationToken);
        if (look is null || tables.IsEmpty)
            throw Gone(id);
        var table = tables[0];
        var shape = shapes.Adopt(TableDescriber.Describe(table with { Columns = Published(table, look.Columns) }));
        memory.Note(id, TableDescriber.Remember(table));
        plans.AddOrUpdate(shape, new ReadPlan(found.Oid, table.IsPartitioned, options.Publication, look.Fingerprint!.ToText(), found.Filter)
        {
            Key = await ReadKeyAsync(session, found.Oid, cancellationToken),
            HasAnyBytes = table.HasAnyBytes,
        });
        var parts = await ReadPartsAsync(session, table, cancellationToken);
        return new TableDescription(shape, found.Oid, parts, table.EstimatedRows) { Look = look, Position = position };
    }

    private static CdcException Gone(TableId id) => new(ErrorCodes.SourceTableGone, $"Looking at table '{id}' before it is read, it is not in the catalog.");

    private static async Task<bool> ExistsAsync(NpgsqlConnection session, TableId id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SnapshotSql.Exists, session);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id.Schema });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id.Name });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static ImmutableArray<CatalogColumn> Published(CatalogTable table, TableColumns facts)
    {
        var names = facts.Published.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        return [.. table.Columns.Concat(table.GeneratedColumns).Where(column => names.Contains(column.Name)).OrderBy(column => column.Number)];
    }

    private async Task<(uint Oid, string? Filter)?> FindAsync(NpgsqlConnection session, TableId id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SnapshotSql.Find, session);
        foreach (var text in (string[])[options.Publication, id.Schema, id.Name])
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var filter = await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1);
        return (reader.GetFieldValue<uint>(0), filter);
    }

    private static async Task<List<KeyOperator>> ReadKeyAsync(NpgsqlConnection session, uint table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(KeySql.Operators(table), session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var key = new List<KeyOperator>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var hasCollation = !await reader.IsDBNullAsync(5, cancellationToken);
            key.Add(new KeyOperator(reader.GetString(0), $"OPERATOR({ReplicationCommands.Identifier(reader.GetString(1))}.{reader.GetString(2)})", reader.GetString(3))
            {
                IsArray = reader.GetBoolean(4),
                Collation = hasCollation ? SnapshotSql.Name(new TableId(reader.GetString(5), reader.GetString(6))) : null,
            });
        }

        return key;
    }

    private static async Task<List<TablePart>> ReadPartsAsync(NpgsqlConnection session, CatalogTable table, CancellationToken cancellationToken)
    {
        List<TablePart> parts = table.IsPartitioned
            ? [.. table.Leaves.Where(leaf => leaf.FileNode != 0).Select(leaf => new TablePart(leaf.Oid, leaf.Id, leaf.FileNode))]
            : [new TablePart(table.Oid, table.Id, table.FileNode)];
        await using var command = new NpgsqlCommand(SnapshotSql.Pages, session);
        command.Parameters.Add(new NpgsqlParameter { Value = parts.Select(part => part.Oid).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid });
        var pages = new Dictionary<uint, long>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            pages[reader.GetFieldValue<uint>(0)] = await reader.IsDBNullAsync(1, cancellationToken) ? 0 : reader.GetInt64(1);
        foreach (var part in parts)
        {
            part.Pages = (uint)pages[part.Oid];
            if (table.HeapBytes > 0)
                part.Expect(8192.0 * table.TotalBytes / table.HeapBytes);
        }

        return parts;
    }
}

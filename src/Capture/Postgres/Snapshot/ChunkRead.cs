using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Snapshot;
using Cdc.Contracts.Buffers;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>One chunk, read in one transaction: lock, what can be seen, how the table looks, then the rows.</summary>
internal sealed class ChunkRead(NpgsqlConnection session, TableChunk chunk, ReadPlan plan)
{
    private const int ReadBytes = 1 << 16;

    public async Task<ReadChunk> RunAsync(CancellationToken cancellationToken)
    {
        var part = (chunk as RangeChunk)?.Part;
        var settings = part is null ? "" : $"{SnapshotSql.InOrder}; ";
        await ExecuteAsync($"{SnapshotSql.Begin}; {settings}{SnapshotSql.Lock(part?.Id ?? chunk.Table.Table)}", cancellationToken);
        var facts = await ReadFactsAsync(session, plan, part?.Oid ?? plan.Oid, cancellationToken);
        var text = new PooledBuffer(facts.IsReshaped ? 1 : chunk.MaxBytes + ReadBytes);
        try
        {
            if (!facts.IsReshaped)
                facts = await CopyAsync(facts, text, cancellationToken);
            await ExecuteAsync(facts.IsCut ? "ROLLBACK" : "COMMIT", cancellationToken);
            return new ReadChunk(facts, new CopiedRows(text, chunk.Shape.Schema.Columns.Length));
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }

    /// <summary>What the session's transaction sees; its first query, behind the lock.</summary>
    public static async Task<ChunkFacts> ReadFactsAsync(NpgsqlConnection session, ReadPlan plan, uint part, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SnapshotSql.Facts(plan.Oid, part), session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var looks = await reader.IsDBNullAsync(3, cancellationToken) ? "" : reader.GetString(3);
        return new ChunkFacts(TransactionSnapshot.Parse(reader.GetString(0)), Lsn.Parse(reader.GetString(1)).Value, reader.GetFieldValue<uint>(2))
        {
            IsReshaped = !string.Equals(looks, plan.Fingerprint, StringComparison.Ordinal),
        };
    }

    private async Task<ChunkFacts> CopyAsync(ChunkFacts facts, PooledBuffer text, CancellationToken cancellationToken)
    {
        var sql = chunk switch
        {
            RangeChunk range => SnapshotSql.CopyRange(range, plan),
            KeysChunk keys => SnapshotSql.CopyKeys(keys, plan),
            _ => throw new InvalidOperationException("A chunk is a range or keys."),
        };
        var copy = await session.BeginTextExportAsync(sql, cancellationToken);
        await using var closing = copy.ConfigureAwait(false);

        // The rows' bytes as they come, not decoded.
        var stream = ((StreamReader)(TextReader)copy).BaseStream;
        var places = new PlaceWatch(chunk.Table.Table, (chunk as RangeChunk)?.Range.After);
        var isCut = false;
        while (!isCut && await stream.ReadAsync(text.GetMemory(ReadBytes)[..ReadBytes], cancellationToken) is var count and > 0)
        {
            text.Advance(count);
            places.Take(text.WrittenSpan);
            isCut = text.Length >= chunk.MaxBytes && text.WrittenSpan[^1] == '\n';
        }

        if (isCut)
            await copy.CancelAsync();
        return facts with { IsCut = isCut, LastRow = isCut ? places.Last : default, Rows = places.Rows, Bytes = text.Length };
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

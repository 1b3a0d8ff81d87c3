using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Reading;
using Cdc.Contracts.Buffers;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>One chunk, read in one transaction: lock, what can be seen, how the table looks, then the rows.</summary>
internal sealed class ChunkReader(NpgsqlConnection session, TableChunk chunk, ReadPlan plan, ValueLimit limit)
{
    private const int ReadBytes = 1 << 16;

    public async Task<SnapshotChunk> RunAsync(CancellationToken cancellationToken)
    {
        var part = (chunk as RangeChunk)?.Part as PagedPart;
        var settings = part is null ? "" : $"{SnapshotSql.InOrder}; ";
        await ExecuteAsync($"{SnapshotSql.Begin}; {settings}{SnapshotSql.Lock(part?.Id ?? chunk.Table.Table)}", cancellationToken);
        var facts = await ReadFactsAsync(session, plan, part?.Number ?? plan.Oid, cancellationToken);
        var text = new PooledBuffer(facts.IsReshaped ? 1 : chunk.MaxBytes + ReadBytes);
        try
        {
            if (!facts.IsReshaped)
                facts = await CopyAsync(facts, text, cancellationToken);
            await ExecuteAsync(facts.IsCut ? "ROLLBACK" : "COMMIT", cancellationToken);
            return new SnapshotChunk(facts, new CopiedRows(Fitting(text), chunk.Shape.Schema.Columns.Length));
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }

    /// <summary>What the session's transaction sees; its first query, behind the lock.</summary>
    public static async Task<ChunkFacts> ReadFactsAsync(
        NpgsqlConnection session, ReadPlan plan, uint part, CancellationToken cancellationToken)
    {
        ChunkFacts facts;
        await using (var command = new NpgsqlCommand(SnapshotSql.Facts(part), session))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            facts = new ChunkFacts(TransactionSnapshot.Parse(reader.GetString(0)), Lsn.Parse(reader.GetString(1)).Value,
                reader.GetFieldValue<uint>(2));
        }

        var looks = await new FingerprintReader(session, plan.Publication).ReadAsync([plan.Oid], cancellationToken);
        return facts with { IsReshaped = looks.Count == 0
            || !string.Equals(looks[0].Fingerprint!.ToText(), plan.Fingerprint, StringComparison.Ordinal) };
    }

    private async Task<ChunkFacts> CopyAsync(ChunkFacts facts, PooledBuffer text, CancellationToken cancellationToken)
    {
        var sql = chunk switch
        {
            RangeChunk pages => SnapshotSql.CopyRange(pages, plan),
            KeysChunk keys => SnapshotSql.CopyKeys(keys, plan),
            _ => throw new InvalidOperationException("A chunk is a range or keys."),
        };
        var copy = await session.BeginTextExportAsync(sql, cancellationToken);
        await using var closing = copy.ConfigureAwait(false);

        // The rows' bytes as they come, not decoded.
        var stream = ((StreamReader)(TextReader)copy).BaseStream;
        var range = (chunk as RangeChunk)?.Range as PageRange;
        var places = new PlaceWatch(chunk.Table.Table, range?.After);
        var values = limit.IsSet ? new CopiedValueWatch(limit) : null;
        var isCut = false;
        while (!isCut && await stream.ReadAsync(text.GetMemory(ReadBytes)[..ReadBytes], cancellationToken) is var count and > 0)
        {
            text.Advance(count);
            if (values?.Take(text.WrittenSpan) is { } large)
                throw await values.RefuseAsync(copy, chunk.Shape.Schema, large, cancellationToken);
            places.Take(text.WrittenSpan);
            isCut = text.Length >= chunk.MaxBytes && text.WrittenSpan[^1] == '\n';
        }

        if (isCut)
            await copy.CancelAsync();
        return facts with { IsCut = isCut, Rest = isCut ? range?.Behind(places.Last) : null, Rows = places.Rows, Bytes = text.Length };
    }

    /// <summary>Chunks wait for the stream, small ones in great number: each keeps no more memory than it needs.</summary>
    private static PooledBuffer Fitting(PooledBuffer text)
    {
        if (text.Capacity < 2 * text.Length)
            return text;
        var fitting = new PooledBuffer(Math.Max(text.Length, 1));
        fitting.Write(text.WrittenSpan);
        text.Dispose();
        return fitting;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

using System.Globalization;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>The schema <c>_cdc</c> in the target: what is applied, and whose the tables are.</summary>
internal sealed class PostgresLedger(TargetSession session)
{
    public async Task<IReadOnlyList<LedgerEntry>> ReadAsync(
        string sink, CancellationToken cancellationToken) => await TargetSession.QueryAsync(
        session.Command(LedgerStatements.Read, sink),
        reader => new LedgerEntry(
            sink, new TopicPartition(reader.GetString(0), reader.GetInt32(1)), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4),
            reader.IsDBNull(5) ? null : reader.GetString(5), reader.GetInt64(6))
        {
            Last = reader.IsDBNull(7) ? null : RecordMark.Parse(reader.GetString(7)),
        },
        cancellationToken);

    public async Task<IReadOnlyDictionary<string, TargetName>> ReadTablesAsync(string sink, CancellationToken cancellationToken)
    {
        var tables = new Dictionary<string, TargetName>(StringComparer.Ordinal);
        foreach (var (topic, table) in await TargetSession.QueryAsync(
                     session.Command(LedgerStatements.TablesOfSink, sink),
                     reader => (reader.GetString(0), new TargetName(reader.GetString(1), reader.GetString(2))), cancellationToken))
            tables[topic] = table;
        return tables;
    }

    public async Task<string?> ReadLogAsync(string sink, CancellationToken cancellationToken) =>
        (await TargetSession.QueryAsync(session.Command(LedgerStatements.LogOf, sink), reader => reader.GetString(0),
            cancellationToken)).FirstOrDefault();

    /// <summary>Compare-and-set, as the moves of the ledger.</summary>
    public async Task<int> NoteLogAsync(string sink, string? expected, string log, CancellationToken cancellationToken)
    {
        await using var command = expected is null
            ? session.Command(LedgerStatements.NoteLog, sink, log)
            : session.Command(LedgerStatements.ChangeLog, sink, log, expected);
        return await command.ExecuteNonQueryAsync(cancellationToken) is 1 and var noted ? noted
            : throw LedgerRules.LogMoved(sink, expected);
    }

    public async Task<int> AdoptAsync(string former, string sink, IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        await using var command = session.Command(LedgerStatements.Adopt, former, sink, Array(NpgsqlDbType.Text, topics));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The sink's tables whose columns of ours were given other names than they have now.</summary>
    public async Task<IReadOnlyList<RenamedTable>> ReadRenamedAsync(
        string sink, CancellationToken cancellationToken) => await TargetSession.QueryAsync(
        session.Command(LedgerStatements.Renamed, sink, session.Metadata.Prefix),
        reader => new RenamedTable(reader.GetString(0), new TargetName(reader.GetString(1), reader.GetString(2)),
            MetadataColumns.Noted(reader.GetString(3))),
        cancellationToken);

    /// <summary>
    /// Gives a table's columns of ours the names that they have now. One that somebody removed stays away: it is missed when rows come.
    /// </summary>
    public async Task<int> RenameAsync(RenamedTable renamed, CancellationToken cancellationToken)
    {
        var present = (await session.ColumnsAsync(renamed.Table, cancellationToken)).Select(column => column.Name)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (before, after) in renamed.Before.Names.Zip(session.Metadata.Names))
        {
            if (present.Contains(after))
                throw NameTaken.In(renamed.Table, after, before);
            if (present.Contains(before))
                await session.ExecuteAsync(TableStatements.RenameColumn(renamed.Table, before, after), cancellationToken);
        }

        await using var command = session.Command(LedgerStatements.NotePrefix, renamed.Table.Schema, renamed.Table.Name,
            session.Metadata.Prefix);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<int> ForgetAsync(string sink, CancellationToken cancellationToken)
    {
        await using var command = session.Command(LedgerStatements.Forget, sink);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Null where the server does not tell its identifier to this role.</summary>
    public async Task<SourceDatabase?> IdentifyAsync(CancellationToken cancellationToken)
    {
        var allowed = await TargetSession.QueryAsync(session.Command(CatalogStatements.MayIdentify), reader => reader.GetBoolean(0),
            cancellationToken);
        if (!allowed[0])
            return null;
        var found = await TargetSession.QueryAsync(
            session.Command(CatalogStatements.Identify),
            reader => new SourceDatabase(unchecked((ulong)reader.GetInt64(0)).ToString(CultureInfo.InvariantCulture), reader.GetString(1)),
            cancellationToken);
        return found[0];
    }

    /// <summary>Compare-and-set (Invariant 3). Answers with the number of rows.</summary>
    public async Task<int> MoveAsync(IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken)
    {
        var first = moves.Where(move => move.Expected is null).ToList();
        var next = moves.Where(move => move.Expected is not null).ToList();
        await MoveAsync(LedgerStatements.Insert, first, [], cancellationToken);
        await MoveAsync(
            LedgerStatements.Move, next,
            [Array(NpgsqlDbType.Text, next.Select(move => move.Expected!.TopicId)),
                Array(NpgsqlDbType.Bigint, next.Select(move => move.Expected!.NextOffset))],
            cancellationToken);
        return moves.Count;
    }

    /// <summary>The tables that the sink fills from an entry's topic, whether they exist or not.</summary>
    public async Task<IReadOnlyList<TargetName>> TablesOfAsync(
        LedgerEntry entry, CancellationToken cancellationToken) => await TargetSession.QueryAsync(
        session.Command(LedgerStatements.TablesOfTopic, entry.Sink, entry.Partition.Topic),
        reader => new TargetName(reader.GetString(0), reader.GetString(1)), cancellationToken);

    /// <summary>The rows that a partition wrote are older than all its records from now on.</summary>
    public async Task<int> ForgetOffsetsAsync(TargetName table, LedgerEntry entry, CancellationToken cancellationToken)
    {
        if ((await session.ColumnsAsync(table, cancellationToken)).Count == 0)
            return 0;
        await using var command = session.Command(TableStatements.ForgetOffsets(table, session.Metadata), entry.Partition.Partition);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<int> ClaimAsync(string sink, string topic, TargetName table, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(table, cancellationToken) is { } owner)
        {
            LedgerRules.RequireOwner(owner, sink, topic, table);
            return 0;
        }

        var kinds = await TargetSession.QueryAsync(
            session.Command(CatalogStatements.Kind, table.Schema, table.Name), reader => reader.GetString(0), cancellationToken);
        if (kinds.Count > 0)
            await AdoptAsync(table, kinds[0], cancellationToken);
        var inserted = await TargetSession.QueryAsync(
            session.Command(LedgerStatements.Claim, table.Schema, table.Name, sink, topic, kinds.Count == 0, session.Metadata.Prefix),
            reader => reader.GetString(0), cancellationToken);
        if (inserted.Count == 0)
            LedgerRules.RequireOwner(await OwnerAsync(table, cancellationToken) ?? default, sink, topic, table);
        return inserted.Count;
    }

    public async Task MakeSchemaAsync(string schema, CancellationToken cancellationToken)
    {
        // Asked first: who may not make schemas can still use one that is there.
        var found = await TargetSession.QueryAsync(
            session.Command("SELECT 1 FROM pg_namespace WHERE nspname = $1", schema), reader => reader.GetInt32(0), cancellationToken);
        if (found.Count > 0)
            return;
        await session.ExecuteAsync(LedgerStatements.LockDefinitions, cancellationToken);
        await session.ExecuteAsync(TableStatements.CreateSchema(schema), cancellationToken);
    }

    private async Task MoveAsync(string statement, List<LedgerMove> moves, NpgsqlParameter[] more, CancellationToken cancellationToken)
    {
        if (moves.Count == 0)
            return;
        await using var command = session.Command(statement);
        command.Parameters.Add(Array(NpgsqlDbType.Text, moves.Select(move => move.Moved.Sink)));
        command.Parameters.Add(Array(NpgsqlDbType.Text, moves.Select(move => move.Moved.Partition.Topic)));
        command.Parameters.Add(Array(NpgsqlDbType.Integer, moves.Select(move => move.Moved.Partition.Partition)));
        command.Parameters.Add(Array(NpgsqlDbType.Text, moves.Select(move => move.Moved.TopicId)));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, moves.Select(move => move.Moved.NextOffset)));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, moves.Select(move => move.Moved.Since)));
        command.Parameters.Add(Array(NpgsqlDbType.Text, moves.Select(move => move.Moved.Swept)));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, moves.Select(move => move.Moved.Rows)));
        command.Parameters.Add(Array(NpgsqlDbType.Text, moves.Select(move => move.Moved.Last?.ToString())));
        command.Parameters.AddRange(more);
        var moved = await TargetSession.QueryAsync(
            command, reader => (Partition: new TopicPartition(reader.GetString(0), reader.GetInt32(1)), Backend: reader.GetInt32(2)),
            cancellationToken);
        foreach (var (_, backend) in moved.Take(1))
            session.RequireSame(backend);
        var partitions = moved.Select(row => row.Partition).ToHashSet();
        foreach (var move in moves)
        {
            if (!partitions.Contains(move.Moved.Partition))
                throw LedgerRules.Moved(move);
        }
    }

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType element, IEnumerable<T> values) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | element };

    public async Task<(string Sink, string Topic)?> OwnerAsync(TargetName table, CancellationToken cancellationToken)
    {
        var owners = await TargetSession.QueryAsync(
            session.Command(LedgerStatements.Owner, table.Schema, table.Name), reader => (reader.GetString(0), reader.GetString(1)),
            cancellationToken);
        return owners.Count == 0 ? null : owners[0];
    }

    private async Task AdoptAsync(TargetName table, string kind, CancellationToken cancellationToken)
    {
        if (kind is not ("r" or "p"))
            throw LedgerRules.NoTable(table, kind);
        var rows = await TargetSession.QueryAsync(session.Command(TableStatements.AnyRow(table)), reader => reader.GetBoolean(0),
            cancellationToken);
        if (rows[0])
            throw LedgerRules.NotEmpty(
                table, (await session.ColumnsAsync(table, cancellationToken)).Select(column => column.Name), session.Metadata);
        await session.ExecuteAsync(TableStatements.AddMetadataColumns(table, session.Metadata), cancellationToken);
    }
}

using Cdc.Contracts.Positions;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>The schema <c>_cdc</c> in the target: what is applied, and whose the tables are.</summary>
internal sealed class DuckDbLedger(DuckDbConnection connection, MetadataColumns metadata)
{
    public IReadOnlyList<LedgerEntry> Read(string sink)
    {
        using var rows = connection.Query(LedgerSql.Read, sink);
        var entries = new List<LedgerEntry>();
        while (rows.Read())
        {
            var partition = new TopicPartition(rows.Text(0)!, (int)rows.Number(1)!.Value);
            entries.Add(new LedgerEntry(
                sink, partition, rows.Text(2)!, rows.Number(3)!.Value, rows.Number(4)!.Value, rows.Text(5), rows.Number(6)!.Value)
            {
                Last = rows.Text(7) is { } last ? RecordMark.Parse(last) : null,
            });
        }

        return entries;
    }

    public IReadOnlyDictionary<string, TargetName> ReadTables(string sink)
    {
        var tables = new Dictionary<string, TargetName>(StringComparer.Ordinal);
        foreach (var names in Texts(LedgerSql.TablesOfSink, 3, sink))
            tables[names[0]] = new TargetName(names[1], names[2]);
        return tables;
    }

    /// <summary>The sink's tables whose columns of ours were given other names than they have now.</summary>
    public IReadOnlyList<RenamedTable> ReadRenamed(string sink) =>
        [.. Texts(LedgerSql.Renamed, 4, sink, metadata.Prefix)
            .Select(texts => new RenamedTable(texts[0], new TargetName(texts[1], texts[2]), MetadataColumns.Noted(texts[3])))];

    /// <summary>
    /// Gives a table's columns of ours the names that they have now. One that somebody removed stays away: it is missed when rows come.
    /// </summary>
    /// <param name="renamed">The table.</param>
    /// <param name="present">It as it is; null where it is gone.</param>
    public long Rename(RenamedTable renamed, TargetTable? present)
    {
        var names = (present?.Columns ?? []).Select(column => SqlName.Fold(column.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var (before, after) in renamed.Before.Names.Zip(metadata.Names))
        {
            if (names.Contains(after))
                throw NameTaken.In(renamed.Table, after, before);
            if (names.Contains(before))
                connection.Execute(TableSql.RenameColumn(renamed.Table, before, after));
        }

        return connection.Execute(LedgerSql.NotePrefix, renamed.Table.Schema, renamed.Table.Name, metadata.Prefix);
    }

    public string? FillerOf(TargetName table) => Texts(LedgerSql.Owner, 2, table.Schema, table.Name) is [var owner, ..] ? owner[0] : null;

    public string? ReadLog(string sink) => Texts(LedgerSql.LogOf, 1, sink) is [var log, ..] ? log[0] : null;

    /// <summary>Compare-and-set, as the moves of the ledger.</summary>
    public long NoteLog(string sink, string? expected, string log)
    {
        var noted = expected is null ? connection.Execute(LedgerSql.NoteLog, sink, log)
            : connection.Execute(LedgerSql.ChangeLog, sink, log, expected);
        return noted == 1 ? noted : throw LedgerRules.LogMoved(sink, expected);
    }

    public long Adopt(string former, string sink, IEnumerable<string> topics) => topics.Sum(topic =>
        connection.Execute(LedgerSql.AdoptEntries, former, sink, topic) + connection.Execute(LedgerSql.AdoptTables, former, sink, topic));

    public long Forget(string sink) => connection.Execute(LedgerSql.Forget, sink) + connection.Execute(LedgerSql.ForgetLog, sink);

    /// <summary>Compare-and-set (Invariant 3). Answers with the number of rows.</summary>
    public int Move(IReadOnlyList<LedgerMove> moves)
    {
        foreach (var move in moves)
        {
            if (Move(move) != 1)
                throw LedgerRules.Moved(move);
            if (move.StartsOver)
                ForgetOffsets(move.Moved);
        }

        return moves.Count;
    }

    /// <summary>Answers with whether the claim is new.</summary>
    public bool Claim(string sink, string topic, TargetName table)
    {
        if (Texts(LedgerSql.Owner, 2, table.Schema, table.Name) is [var owner, ..])
        {
            LedgerRules.RequireOwner((owner[0], owner[1]), sink, topic, table);
            return false;
        }

        var kinds = Texts(TableSql.Kind, 1, table.Schema, table.Name);
        if (kinds is [var kind, ..])
            Adopt(table, kind[0]);
        connection.Execute(LedgerSql.Claim, table.Schema, table.Name, sink, topic, kinds.Count == 0 ? 1 : 0, metadata.Prefix);
        return true;
    }

    private long Move(LedgerMove move)
    {
        var (expected, moved) = move;
        Parameter[] parameters =
        [
            moved.Sink, moved.Partition.Topic, moved.Partition.Partition, moved.TopicId, moved.NextOffset, moved.Since, moved.Swept,
            moved.Rows,
            moved.Last?.ToString(),
        ];
        return expected is null
            ? connection.Execute(LedgerSql.Insert, parameters)
            : connection.Execute(LedgerSql.Move, [.. parameters, expected.TopicId, expected.NextOffset]);
    }

    private void ForgetOffsets(LedgerEntry entry)
    {
        foreach (var names in Texts(LedgerSql.TablesOfTopic, 2, entry.Sink, entry.Partition.Topic))
        {
            if (Texts(TableSql.Kind, 1, names[0], names[1]).Count > 0)
                connection.Execute(TableSql.ForgetOffsets(new TargetName(names[0], names[1]), metadata), entry.Partition.Partition);
        }
    }

    private void Adopt(TargetName table, string kind)
    {
        if (!string.Equals(kind, "BASE TABLE", StringComparison.Ordinal))
            throw LedgerRules.NoTable(table, kind);
        using (var rows = connection.Query(TableSql.HasRows(table)))
        {
            if (rows.Read())
                throw LedgerRules.NotEmpty(table, connection.ColumnNames(TableSql.Columns(table)), metadata);
        }

        foreach (var column in RowColumns.Of(metadata))
            connection.Execute(TableSql.AddColumn(table, column));
    }

    private List<string[]> Texts(string sql, int columns, params ReadOnlySpan<Parameter> parameters)
    {
        using var rows = connection.Query(sql, parameters);
        var all = new List<string[]>();
        while (rows.Read())
            all.Add([.. Enumerable.Range(0, columns).Select(column => rows.Text(column)!)]);
        return all;
    }
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Sink.Batching;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Sink.Writers.DuckDb.Sql;
using Cdc.Sink.Writers.DuckDb.Staging;

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>
/// A transaction on the file; its end, whichever it is, closes the file. One that cannot be rolled back takes the session with it.
/// </summary>
internal sealed class DuckDbTargetTransaction(DuckDbSession session, Action close) : ITargetTransaction
{
    private readonly DuckDbLedger ledger = new(session.Connection, session.Metadata);
    private bool failed;
    private bool ended;

    public ValueTask<IReadOnlyList<LedgerEntry>> ReadLedgerAsync(string sink, CancellationToken cancellationToken) =>
        Try($"reading the ledger of sink '{sink}'", DuckDbStep.Ledger, () => ledger.Read(sink), cancellationToken);

    public ValueTask<string?> ReadLogAsync(string sink, CancellationToken cancellationToken) =>
        Try($"reading the log of sink '{sink}'", DuckDbStep.Ledger, () => ledger.ReadLog(sink), cancellationToken);

    public async ValueTask NoteLogAsync(string sink, string? expected, string log, CancellationToken cancellationToken) =>
        await Try($"noting the log of sink '{sink}'", DuckDbStep.Ledger, () => ledger.NoteLog(sink, expected, log), cancellationToken);

    public async ValueTask AdoptAsync(
        string former, string sink, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        await Try($"renaming the ledger of sink '{former}'", DuckDbStep.Ledger, () => ledger.Adopt(former, sink, topics),
            cancellationToken);

    public async ValueTask MoveLedgerAsync(IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken) =>
        await Try("moving the ledger", DuckDbStep.Ledger, () => ledger.Move(moves), cancellationToken);

    public ValueTask<IReadOnlyDictionary<string, TargetName>> ReadTablesAsync(string sink, CancellationToken cancellationToken) =>
        Try($"reading the tables of sink '{sink}'", DuckDbStep.Ledger, () => ledger.ReadTables(sink), cancellationToken);

    public ValueTask<IReadOnlyList<RenamedTable>> ReadRenamedAsync(string sink, CancellationToken cancellationToken) =>
        Try($"reading the tables of sink '{sink}'", DuckDbStep.Ledger, () => ledger.ReadRenamed(sink), cancellationToken);

    public async ValueTask RenameAsync(RenamedTable renamed, CancellationToken cancellationToken) => await Try(
        $"renaming the platform's columns of table '{renamed.Table}'", DuckDbStep.Table,
        () => ledger.Rename(renamed, Describe(renamed.Table)), cancellationToken);

    public ValueTask<string?> FillerOfAsync(TargetName table, CancellationToken cancellationToken) =>
        Try($"asking who fills table '{table}'", DuckDbStep.Ledger, () => ledger.FillerOf(table), cancellationToken);

    public async ValueTask ForgetLedgerAsync(string sink, CancellationToken cancellationToken) =>
        await Try($"forgetting the ledger of sink '{sink}'", DuckDbStep.Ledger, () => ledger.Forget(sink), cancellationToken);

    public ValueTask<SourceDatabase?> IdentifyAsync(CancellationToken cancellationToken) => ValueTask.FromResult<SourceDatabase?>(null);

    public ValueTask<TargetTable?> DescribeAsync(TargetName table, CancellationToken cancellationToken) =>
        Try($"describing table '{table}'", DuckDbStep.Table, () => Describe(table), cancellationToken);

    public async ValueTask ClaimAsync(string sink, string topic, TargetName table, CancellationToken cancellationToken)
    {
        SqlName.Check(table);
        await Try($"claiming table '{table}'", DuckDbStep.Table, () => ledger.Claim(sink, topic, table), cancellationToken);
    }

    public async ValueTask EvolveAsync(EvolutionPlan plan, CancellationToken cancellationToken)
    {
        SqlName.Check(plan.Table);
        SqlName.Check(plan.Table, plan.Schema.Columns, session.Metadata);
        await Try($"changing table '{plan.Table}'", DuckDbStep.Table, () => Evolve(plan), cancellationToken);
    }

    public async ValueTask TruncateAsync(TargetName table, int partition, CancellationToken cancellationToken) =>
        await Try(
            FormattableString.Invariant($"emptying partition {partition} of table '{table}'"), DuckDbStep.Table,
            () => session.Connection.Execute(TableSql.Truncate(table, session.Metadata), partition), cancellationToken);

    public async ValueTask SweepAsync(TargetName table, int partition, long before, int? unusedFrom, CancellationToken cancellationToken) =>
        await Try(
            FormattableString.Invariant($"removing what was not read again from partition {partition} of table '{table}'"),
            DuckDbStep.Table,
            () => unusedFrom is { } unused
                ? session.Connection.Execute(TableSql.Sweep(table, session.Metadata, unusedFrom), partition, before, unused)
                : session.Connection.Execute(TableSql.Sweep(table, session.Metadata, unusedFrom), partition, before),
            cancellationToken);

    public async ValueTask<long> WriteAsync(TargetName table, TableBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            return 0;
        try
        {
            return await Try(
                FormattableString.Invariant($"writing {batch.Count} rows into table '{table}'"), DuckDbStep.Table,
                () => Write(table, batch), cancellationToken);
        }
        catch (CdcException error) when (error.Code == ErrorCodes.DuckDbRowsTooLarge)
        {
            var (column, length) = batch.FindLargest();
            throw new CdcException(error.Code, FormattableString.Invariant(
                $"{error.Message} The largest value, of column '{batch.Schema.Columns[column].Name}', has {length} bytes."),
                error.InnerException);
        }
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await Try("committing", DuckDbStep.Commit, () =>
        {
            session.Commit();
            return ended = true;
        }, cancellationToken);
        Leave(() => session.Detach());
    }

    public ValueTask DisposeAsync()
    {
        if (!ended)
        {
            ended = true;
            Leave(() =>
            {
                session.RollBack();
                session.Detach();
            });
        }

        return ValueTask.CompletedTask;
    }

    private long Write(TargetName table, TableBatch batch)
    {
        session.MakeRoom(batch.Bytes);
        return BatchMerge.Write(session.Connection, session.Plan(table, batch.Schema), batch);
    }

    private TargetTable? Describe(TargetName table)
    {
        using var rows = session.Connection.Query(TableSql.Describe, table.Schema, table.Name);
        var columns = new List<TargetColumn>();
        while (rows.Read())
            columns.Add(new TargetColumn(rows.Text(0)!, rows.Text(1)!));
        return columns.Count == 0 ? null : new TargetTable(table, [.. columns]);
    }

    private int Evolve(EvolutionPlan plan)
    {
        if (plan.IsMissing)
            session.Connection.Execute(
                TableSql.Create(plan.Table, [.. plan.Schema.Columns.Select(SqlColumn.Of), .. RowColumns.Of(session.Metadata)]));
        foreach (var column in plan.AddColumns)
            session.Connection.Execute(TableSql.AddColumn(plan.Table, SqlColumn.Of(column)));
        return plan.AddColumns.Length;
    }

    /// <summary>Closes the file. What fails here changes nothing that was committed; the next transaction starts afresh.</summary>
    private void Leave(Action action)
    {
        try
        {
            action();
        }
        catch (DuckDbException)
        {
            close();
        }
    }

    private ValueTask<T> Try<T>(string doing, DuckDbStep step, Func<T> action, CancellationToken cancellationToken)
    {
        if (failed || ended)
            throw new InvalidOperationException("The transaction has ended.");
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        try
        {
            using var interrupt = session.Connection.InterruptOn(cancellationToken);
            return ValueTask.FromResult(action());
        }
        catch (DuckDbException error)
        {
            failed = true;
            return ValueTask.FromException<T>(DuckDbErrors.Translate(error, doing, step, cancellationToken));
        }
        catch (CdcException error)
        {
            failed = true;
            return ValueTask.FromException<T>(error);
        }
    }
}

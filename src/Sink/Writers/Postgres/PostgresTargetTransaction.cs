using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.Batching;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.Postgres.Sql;
using Cdc.Sink.Writers.Postgres.Types;
using Npgsql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>A transaction on the writer's connection. One in which anything failed takes the connection with it.</summary>
internal sealed class PostgresTargetTransaction(TargetSession session, NpgsqlTransaction transaction, Func<Task> close) : ITargetTransaction
{
    private static readonly TimeSpan RollBackLimit = TimeSpan.FromSeconds(5);

    private readonly PostgresLedger ledger = new(session);
    private bool failed;
    private bool ended;

    public ValueTask<IReadOnlyList<LedgerEntry>> ReadLedgerAsync(string sink, CancellationToken cancellationToken) =>
        TryAsync($"reading the ledger of sink '{sink}'", () => ledger.ReadAsync(sink, cancellationToken));

    public ValueTask<string?> ReadLogAsync(string sink, CancellationToken cancellationToken) =>
        TryAsync($"reading the log of sink '{sink}'", () => ledger.ReadLogAsync(sink, cancellationToken));

    public async ValueTask NoteLogAsync(string sink, string? expected, string log, CancellationToken cancellationToken) =>
        await TryAsync($"noting the log of sink '{sink}'", () => ledger.NoteLogAsync(sink, expected, log, cancellationToken));

    public async ValueTask AdoptAsync(
        string former, string sink, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        await TryAsync($"renaming the ledger of sink '{former}'", () => ledger.AdoptAsync(former, sink, topics, cancellationToken));

    public async ValueTask MoveLedgerAsync(IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken)
    {
        if (moves.Count > 0)
            await TryAsync($"moving the ledger of sink '{moves[0].Moved.Sink}'", () => ledger.MoveAsync(moves, cancellationToken));
        foreach (var move in moves.Where(move => move.StartsOver))
        {
            foreach (var table in await TryAsync($"reading the tables of sink '{move.Moved.Sink}'",
                () => ledger.TablesOfAsync(move.Moved, cancellationToken)))
                await TryOnTableAsync($"forgetting the offsets in table '{table}'",
                    () => ledger.ForgetOffsetsAsync(table, move.Moved, cancellationToken));
        }
    }

    public ValueTask<IReadOnlyDictionary<string, TargetName>> ReadTablesAsync(string sink, CancellationToken cancellationToken) =>
        TryAsync($"reading the tables of sink '{sink}'", () => ledger.ReadTablesAsync(sink, cancellationToken));

    public ValueTask<IReadOnlyList<RenamedTable>> ReadRenamedAsync(string sink, CancellationToken cancellationToken) =>
        TryAsync($"reading the tables of sink '{sink}'", () => ledger.ReadRenamedAsync(sink, cancellationToken));

    public async ValueTask RenameAsync(RenamedTable renamed, CancellationToken cancellationToken) =>
        await TryOnTableAsync($"renaming the platform's columns of table '{renamed.Table}'", async () =>
        {
            await session.ExecuteAsync(TargetSession.WaitShortly, cancellationToken);
            await session.ForgetAsync(renamed.Table, cancellationToken);
            return await ledger.RenameAsync(renamed, cancellationToken);
        });

    public ValueTask<string?> FillerOfAsync(TargetName table, CancellationToken cancellationToken) =>
        TryAsync($"asking who fills table '{table}'", async () => (await ledger.OwnerAsync(table, cancellationToken))?.Sink);

    public async ValueTask ForgetLedgerAsync(string sink, CancellationToken cancellationToken) =>
        await TryAsync($"forgetting the ledger of sink '{sink}'", () => ledger.ForgetAsync(sink, cancellationToken));

    public ValueTask<SourceDatabase?> IdentifyAsync(CancellationToken cancellationToken) =>
        TryAsync("asking which database this is", () => ledger.IdentifyAsync(cancellationToken));

    public ValueTask<TargetTable?> DescribeAsync(TargetName table, CancellationToken cancellationToken) =>
        TryOnTableAsync($"describing table '{table}'", async () =>
        {
            var columns = await session.ColumnsAsync(table, cancellationToken);
            return columns.Count == 0 ? null
                : new TargetTable(table, [.. columns.Select(column => new TargetColumn(column.Name, column.Type))]);
        });

    public async ValueTask ClaimAsync(string sink, string topic, TargetName table, CancellationToken cancellationToken)
    {
        Identifiers.Check(table);
        await TryOnTableAsync($"claiming table '{table}' for sink '{sink}'", async () =>
        {
            await session.ExecuteAsync(TargetSession.WaitShortly, cancellationToken);
            return await ledger.ClaimAsync(sink, topic, table, cancellationToken);
        });
    }

    public async ValueTask EvolveAsync(EvolutionPlan plan, CancellationToken cancellationToken)
    {
        Identifiers.Check(plan.Table);
        Identifiers.Check(plan.Table, plan.Schema.Columns, session.Metadata);
        await TryOnTableAsync($"changing table '{plan.Table}'", async () =>
        {
            await session.ExecuteAsync(TargetSession.WaitShortly, cancellationToken);
            await session.ForgetAsync(plan.Table, cancellationToken);
            if (plan.IsMissing)
            {
                await ledger.MakeSchemaAsync(plan.Table.Schema, cancellationToken);
                await session.ExecuteAsync(TableStatements.Create(plan.Table, plan.Schema, session.Metadata, session.Hstore),
                    cancellationToken);
                await TableKey.MarkAsync(session, plan.Table, cancellationToken);
            }

            if (!plan.AddColumns.IsEmpty)
                await session.ExecuteAsync(TableStatements.AddColumns(plan.Table, plan.AddColumns, session.Metadata,
                    column => TargetTypes.For(column, IsKey(plan.Schema, column), session.Hstore)), cancellationToken);
            await TableKey.FitAsync(session, plan.Table, plan.Schema, cancellationToken);
            return 0;
        });
    }

    public async ValueTask TruncateAsync(TargetName table, int partition, CancellationToken cancellationToken) =>
        await TryOnTableAsync($"emptying partition {partition} of table '{table}'", async () =>
        {
            await using var command = session.Command(TableStatements.Truncate(table, session.Metadata), partition);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        });

    public async ValueTask SweepAsync(TargetName table, int partition, long before, int? unusedFrom, CancellationToken cancellationToken) =>
        await TryOnTableAsync(
            FormattableString.Invariant($"removing what was not read again from partition {partition} of table '{table}'"), async () =>
        {
            await using var command = session.Command(TableStatements.Sweep(table, session.Metadata, unusedFrom), partition, before);
            if (unusedFrom is { } unused)
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = unused });
            return await command.ExecuteNonQueryAsync(cancellationToken);
        });

    public async ValueTask<long> WriteAsync(TargetName table, TableBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            return 0;
        Staging.StagedTable? staged = null;
        return await TryOnTableAsync(
            FormattableString.Invariant($"writing {batch.Count} rows into table '{table}'"),
            async () =>
            {
                staged = await session.StageAsync(table, batch.Schema, cancellationToken);
                return await staged.WriteAsync(batch, session.Buffer, cancellationToken);
            },
            number => staged?.ColumnAt(number));
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken) =>
        await TryAsync(
            async () =>
            {
                await transaction.CommitAsync(cancellationToken);
                session.Settle();
                ended = true;
                return 0;
            },
            // It may be a table's constraint.
            exception => PostgresTargetErrors.Translate(exception, "committing") ?? IfLost(exception, "committing"));

    public async ValueTask DisposeAsync()
    {
        if (!ended && !failed)
            await RollBackAsync();
        ended = true;
        if (failed)
            await close(); // Before the driver's transaction, which would ask a server that may be silent to roll back.
        else
            await transaction.DisposeAsync();
    }

    private static bool IsKey(TableSchema schema, ColumnSchema column) => schema.Key.Contains(schema.IndexOf(column.Name));

    private async Task RollBackAsync()
    {
        using var limit = new CancellationTokenSource(RollBackLimit);
        try
        {
            await transaction.RollbackAsync(limit.Token);
            session.ForgetUnsettled();
        }
        catch (Exception exception)
            when (exception is OperationCanceledException || PostgresTargetErrors.Translate(exception, "rolling back") is not null)
        {
            // The server rolls back when the connection ends.
            failed = true;
        }
    }

    // What the driver says of a connection that broke a moment ago is no error of the network's, but of its own objects.
    private CdcException? IfLost(Exception exception, string doing) =>
        exception is InvalidOperationException && session.Connection.State != System.Data.ConnectionState.Open
            ? new CdcException(ErrorCodes.TargetUnreachable, $"While {doing}, the connection was lost.", exception)
            : null;

    /// <summary>A missing right, or somebody's lock, is the table's trouble alone.</summary>
    private ValueTask<T> TryOnTableAsync<T>(string doing, Func<Task<T>> action, Func<int, string?>? columnOf = null) =>
        TryAsync(action, exception => PostgresTargetErrors.TranslateOnTable(exception, doing, columnOf) ?? IfLost(exception, doing));

    private ValueTask<T> TryAsync<T>(string doing, Func<Task<T>> action) =>
        TryAsync(action, exception => PostgresTargetErrors.TranslateOnTarget(exception, doing) ?? IfLost(exception, doing));

    // After a failure the transaction can only be rolled back, and what the connection still holds is not worth knowing.
    private async ValueTask<T> TryAsync<T>(Func<Task<T>> action, Func<Exception, CdcException?> translate)
    {
        if (failed || ended)
            throw new InvalidOperationException("The transaction has ended.");
        try
        {
            return await action();
        }
        catch (Exception exception)
        {
            failed = true;
            if (exception is not CdcException && translate(exception) is { } translated)
                throw translated;
            throw;
        }
    }
}

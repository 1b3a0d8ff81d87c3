using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Consuming;

/// <summary>
/// Applies batches to the target: rows and ledger in one transaction (Invariants 1 and 3). What passes with time is tried again with the
/// same batch; a commit whose outcome is unknown is settled by reading the ledger.
/// </summary>
/// <param name="sink">Its name, which the ledger's rows carry.</param>
/// <param name="writer">The target.</param>
/// <param name="backoff">How long a target that does not answer is let alone; reset by what it takes.</param>
/// <param name="onTrouble">Told of each try that failed, before the wait.</param>
/// <param name="onRecovery">Told when a try went through after others that failed.</param>
public sealed class BatchApplier(string sink, ITableWriter writer, Backoff backoff, Action<CdcException> onTrouble, Action onRecovery)
{
    private readonly Dictionary<string, TargetName> filled = new(StringComparer.Ordinal);
    private CdcException? refused;
    private SourceDatabase? target;

    /// <summary>What captures noted of their topics, as last looked at.</summary>
    public TopicNotes Notes { get; set; } = TopicNotes.None;

    /// <summary>Reads the ledger and which tables are ours, and inserts or moves the ledger's rows as the plan says.</summary>
    public async Task<(Assignment Assignment, IReadOnlyDictionary<string, TargetName> Tables)> AssignAsync(
        Func<IReadOnlyList<LedgerEntry>, ValueTask<Assignment>> plan, CancellationToken cancellationToken)
    {
        Assignment? assignment = null;
        IReadOnlyDictionary<string, TargetName>? tables = null;
        await RetryAsync(async () =>
        {
            await using var transaction = await writer.BeginAsync(cancellationToken);
            assignment = await plan(await transaction.ReadLedgerAsync(sink, cancellationToken));
            tables = await transaction.ReadTablesAsync(sink, cancellationToken);
            if (assignment.Moves.Count > 0)
                await transaction.MoveLedgerAsync(assignment.Moves, cancellationToken);
            target = await transaction.IdentifyAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }, cancellationToken);
        foreach (var (topic, table) in tables!)
            filled[topic] = table;
        return (assignment!, tables);
    }

    /// <summary>
    /// Carries out a sweep: rows and the ledger's note of it in one transaction (Invariant 3). Where there is no table yet, nothing is left to
    /// remove. Throws what the target refuses; then nothing was changed.
    /// </summary>
    public Task SweepAsync(Sweep sweep, TargetName? table, CancellationToken cancellationToken) =>
        RetryAsync(async () =>
        {
            await using var transaction = await writer.BeginAsync(cancellationToken);
            await transaction.MoveLedgerAsync([new LedgerMove(sweep.Entry, sweep.Swept)], cancellationToken);
            if (table is { } name && await transaction.DescribeAsync(name, cancellationToken) is not null)
                await transaction.SweepAsync(name, sweep.Entry.Partition.Partition, sweep.Before, sweep.UnusedFrom, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>Makes the table of a topic that brings no rows: who reads the target finds it empty, not missing.</summary>
    public Task MakeAsync(SinkTable table, TableSchema schema, CancellationToken cancellationToken) =>
        RetryAsync(async () =>
        {
            table.ForgetPending();
            await using var transaction = await writer.BeginAsync(cancellationToken);
            await EvolveAsync(transaction, table, schema, [], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            Confirm(table);
        }, cancellationToken);

    /// <summary>
    /// Applies a batch; when this returns it is committed and <paramref name="ledger"/> says so. A table that the target refuses stops
    /// alone: its steps and its partitions' offsets stay out, the others go on.
    /// </summary>
    public Task ApplyAsync(SinkBatch batch, Dictionary<TopicPartition, LedgerEntry> ledger, CancellationToken cancellationToken) =>
        RetryAsync(async () =>
        {
            batch.DropRefused();
            foreach (var step in batch.Steps)
                step.Table.ForgetPending();
            var moves = batch.Progress.Select(progress => Move(ledger[progress.Key], progress.Value)).ToList();
            await using var transaction = await writer.BeginAsync(cancellationToken);
            if (backoff.Failures == 0 || !await IsAppliedAsync(transaction, moves, cancellationToken))
                await ApplyAsync(transaction, batch, moves, ledger, cancellationToken);
            foreach (var move in moves)
                ledger[move.Moved.Partition] = move.Moved;
        }, cancellationToken);

    private async Task ApplyAsync(
        ITargetTransaction transaction, SinkBatch batch, IReadOnlyList<LedgerMove> moves, Dictionary<TopicPartition, LedgerEntry> ledger, CancellationToken cancellationToken)
    {
        await transaction.MoveLedgerAsync(moves, cancellationToken); // First: another process of this sink waits here, and then finds it moved.
        // Not every target lets a table be altered behind rows of the same transaction; a column that comes early is null in older rows.
        foreach (var step in batch.Steps)
            await StoppingAloneAsync(step, () => EvolveAsync(transaction, step.Table, step.Schema, ledger, cancellationToken));
        foreach (var step in batch.Steps)
            await StoppingAloneAsync(step, () => ApplyAsync(transaction, step, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        foreach (var step in batch.Steps)
            Confirm(step.Table);
    }

    private void Confirm(SinkTable table)
    {
        table.ConfirmFit();
        filled[table.Topic] = table.Target;
    }

    /// <summary>Whether the target's table has rows of the topic, as of the ledger: of before a gap none count.</summary>
    private static bool HasApplied(Dictionary<TopicPartition, LedgerEntry> ledger, string topic) =>
        ledger.Values.Any(entry => entry.NextOffset > entry.Since && string.Equals(entry.Partition.Topic, topic, StringComparison.Ordinal));

    /// <summary>What the target refuses for good stops the step's table.</summary>
    private async Task StoppingAloneAsync(TableStep step, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            step.Table.Refuse(error);
            refused = error;
            throw;
        }
    }

    private static LedgerMove Move(LedgerEntry entry, PartitionProgress progress) =>
        new(entry, entry with { NextOffset = progress.Next, Rows = entry.Rows + progress.Rows, Last = progress.Last ?? entry.Last });

    private async Task<bool> IsAppliedAsync(
        ITargetTransaction transaction, IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken)
    {
        var now = (await transaction.ReadLedgerAsync(sink, cancellationToken)).ToDictionary(entry => entry.Partition);
        return moves.All(move => now.TryGetValue(move.Moved.Partition, out var entry) && entry == move.Moved);
    }

    private static async Task ApplyAsync(ITargetTransaction transaction, TableStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case TableStep.Rows rows:
                await transaction.WriteAsync(rows.Table.Target, rows.Compactor.Batch, cancellationToken);
                break;
            case TableStep.Truncate truncate:
                await transaction.TruncateAsync(truncate.Table.Target, truncate.Partition, cancellationToken);
                break;
            default:
                throw new CdcException(ErrorCodes.Internal, $"A batch holds a step '{step.GetType().Name}' that nobody applies.");
        }
    }

    private async Task EvolveAsync(ITargetTransaction transaction, SinkTable table, TableSchema schema, Dictionary<TopicPartition, LedgerEntry> ledger, CancellationToken cancellationToken)
    {
        if (table.Fits(schema))
            return;
        RequireNotTheSource(table);
        var present = await transaction.DescribeAsync(table.Target, cancellationToken);
        if (present is null && HasApplied(ledger, table.Topic) && filled.TryGetValue(table.Topic, out var before))
            throw Lost(table, before);
        await transaction.ClaimAsync(sink, table.Topic, table.Target, cancellationToken);
        var plan = EvolutionPlanner.Plan(table.Target, present ?? await transaction.DescribeAsync(table.Target, cancellationToken), schema);
        if (!plan.IsEmpty)
            await transaction.EvolveAsync(plan, cancellationToken);
        table.ProposeFit(schema);
    }

    /// <summary>Invariant 6: a table that is made again holds all from a snapshot on, or is not made.</summary>
    private CdcException Lost(SinkTable table, TargetName before) => new(ErrorCodes.TargetTableLost,
        $"Writing into table '{table.Target}', it was not found, though sink '{sink}' has applied rows of topic '{table.Topic}'{(before == table.Target ? "" : $": they are in '{before}'")}.");

    /// <summary>In the source's own schema, our table would be the source's, or be captured as one of its tables for ever.</summary>
    private void RequireNotTheSource(SinkTable table)
    {
        if (target is null || Notes.SourceOf(table.Topic) != target || !string.Equals(table.Target.Schema, table.SourceSchema, StringComparison.Ordinal))
            return;
        throw new CdcException(ErrorCodes.TargetIsSource,
            $"Claiming table '{table.Target}' for sink '{sink}', the target was found to be database '{target.Database}' that topic '{table.Topic}' comes from, and another schema was expected.");
    }

    private async Task RetryAsync(Func<Task> attempt, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await attempt();
                if (backoff.Failures > 0)
                    onRecovery();
                backoff.Reset();
                return;
            }
            catch (CdcException error) when (error == refused)
            {
                onTrouble(error); // That table stays out from now on; the others are tried at once.
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry)
            {
                onTrouble(error);
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }
}

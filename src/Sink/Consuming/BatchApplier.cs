using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Consuming;

/// <summary>
/// Applies batches to the target: rows and ledger in one transaction (Invariants 1 and 3). What concerns the whole target and passes with
/// time is tried again with the same batch; what concerns one table stops that one. A commit whose outcome is unknown is settled by reading
/// the ledger.
/// </summary>
/// <param name="sink">Whose rows of the ledger these are.</param>
/// <param name="writer">The target.</param>
/// <param name="backoff">How long a target that does not answer is let alone; reset by what it takes.</param>
/// <param name="troubles">The topics that are stopped.</param>
/// <param name="onTrouble">Told of each try that failed, before the wait.</param>
/// <param name="onRecovery">Told when a try went through after others that failed.</param>
/// <param name="stopping">From when on what fails is not tried again: what is under way is all that the target gets.</param>
public sealed class BatchApplier(
    SinkIdentity sink, ITableWriter writer, Backoff backoff, TopicTroubles troubles, Action<CdcException> onTrouble, Action onRecovery,
    CancellationToken stopping)
{
    private readonly TableFitting fitting = new(sink.Key, writer);
    private bool hasAdopted;
    private CdcException? refused;
    private bool wasLetIn;

    /// <summary>What captures noted of their topics, as last looked at.</summary>
    public TopicNotes Notes
    {
        get => fitting.Notes;
        set => fitting.Notes = value;
    }

    /// <summary>Looks at what captures note again: answers with the newest notes.</summary>
    public required Func<TopicNotes, ValueTask<TopicNotes>> RenewNotes { get; init; }

    /// <summary>
    /// Reads the ledger, the log it is of, and which tables are ours, and inserts or moves the ledger's rows as the plan says.
    /// </summary>
    public async Task<(Assignment Assignment, IReadOnlyDictionary<string, TargetName> Tables)> AssignAsync(
        IReadOnlyCollection<TopicState> topics, Func<IReadOnlyList<LedgerEntry>, string?, ValueTask<Assignment>> plan,
        CancellationToken cancellationToken)
    {
        Assignment? assignment = null;
        IReadOnlyDictionary<string, TargetName>? tables = null;
        IReadOnlyList<RenamedTable> renamed = [];
        await RetryAsync(async () =>
        {
            await AdoptAsync(topics, cancellationToken);
            await using (var transaction = await writer.BeginAsync(cancellationToken))
            {
                assignment = await plan(await transaction.ReadLedgerAsync(sink.Key, cancellationToken),
                    await transaction.ReadLogAsync(sink.Key, cancellationToken));
                tables = await transaction.ReadTablesAsync(sink.Key, cancellationToken);
                renamed = await transaction.ReadRenamedAsync(sink.Key, cancellationToken);
                fitting.Assigned(tables, await transaction.IdentifyAsync(cancellationToken));
            }

            assignment = await MoveAsync(assignment, renamed, cancellationToken);
        }, cancellationToken);
        wasLetIn = true;
        return (assignment!, tables!);
    }

    /// <summary>
    /// Carries out a sweep: rows and the ledger's note of it in one transaction (Invariant 3). Where there is no table yet, nothing is left
    /// to remove. Throws what the target refuses; then nothing was changed.
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
            await fitting.FitApartAsync(table, schema, new Dictionary<TopicPartition, LedgerEntry>(), cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// Applies a batch; when this returns it is committed and <paramref name="ledger"/> says so. A table that the target refuses stops
    /// alone: its steps and its partitions' offsets stay out, the others continue.
    /// </summary>
    public async Task ApplyAsync(SinkBatch batch, Dictionary<TopicPartition, LedgerEntry> ledger, CancellationToken cancellationToken)
    {
        try
        {
            await ApplyAsync(batch, topic: null, ledger, cancellationToken);
        }
        catch (CdcException error) when (IsOfOneTable(error))
        {
            // At the commit, for a constraint that is checked there, or for memory that all tables of a transaction share: which table's it
            // is, is found by applying each alone.
            foreach (var topic in batch.Progress.Keys.Select(partition => partition.Topic).Distinct(StringComparer.Ordinal).ToList())
                await ApplyAsync(batch, topic, ledger, cancellationToken);
        }
    }

    private Task ApplyAsync(
        SinkBatch batch, string? topic, Dictionary<TopicPartition, LedgerEntry> ledger, CancellationToken cancellationToken) =>
        RetryAsync(async () =>
        {
            batch.DropRefused();
            var steps = batch.StepsOf(topic);
            var moves = batch.ProgressOf(topic).Select(progress => Move(ledger[progress.Key], progress.Value)).ToList();
            if (moves.Count > 0 && (backoff.Failures == 0 || !await IsAppliedAsync(moves, cancellationToken)))
                await ApplyAsync(steps, moves, ledger, cancellationToken);
            foreach (var move in moves)
                ledger[move.Moved.Partition] = move.Moved;
        }, cancellationToken);

    private async Task ApplyAsync(
        IReadOnlyList<BatchStep> steps, IReadOnlyList<LedgerMove> moves, Dictionary<TopicPartition, LedgerEntry> ledger,
        CancellationToken cancellationToken)
    {
        var tables = steps.Select(step => step.Table).Distinct().ToList();
        var isAlone = tables.Count == 1;
        foreach (var table in tables)
            table.ForgetPending();
        if (writer.Capabilities.FitsApart)
        {
            foreach (var step in steps)
                await StoppingAloneAsync(step.Table, isAlone,
                    () => fitting.FitApartAsync(step.Table, step.Schema, ledger, cancellationToken));
        }

        await using var transaction = await writer.BeginAsync(cancellationToken);
        // First: another process of this sink waits here, and then finds it moved.
        await transaction.MoveLedgerAsync(moves, cancellationToken);
        // Not every target lets a table be altered behind rows of the same transaction; a column that comes early is null in older rows.
        foreach (var step in steps)
        {
            if (!writer.Capabilities.FitsApart)
                await StoppingAloneAsync(step.Table, isAlone,
                    () => fitting.FitAsync(transaction, step.Table, step.Schema, ledger, cancellationToken));
        }

        foreach (var step in steps)
            await StoppingAloneAsync(step.Table, isAlone, () => ApplyAsync(transaction, step, ledger, cancellationToken));
        var commit = () => transaction.CommitAsync(cancellationToken).AsTask();
        await (isAlone ? StoppingAloneAsync(tables[0], isAlone, commit) : commit());
        foreach (var table in tables)
            fitting.Confirm(table);
    }

    /// <summary>What the target refuses stops the table; where others may be to blame, only if there are none.</summary>
    private async Task StoppingAloneAsync(SinkTable table, bool isAlone, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (CdcException error) when (IsOfOneTable(error) && (isAlone || error.Kind != ErrorKind.TargetTransactionTooLarge))
        {
            table.Refuse();
            refused = error;
            troubles.Stop(table.Topic, error);
            throw;
        }
    }

    private static bool IsOfOneTable(CdcException error) => ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable;

    /// <summary>
    /// Before installations had a place in the ledger, sinks had their own name there: what was applied from these very topics is this
    /// sink's.
    /// </summary>
    private async Task AdoptAsync(IReadOnlyCollection<TopicState> topics, CancellationToken cancellationToken)
    {
        if (hasAdopted || sink.FormerKey is not { } formerKey)
            return;
        await using var transaction = await writer.BeginAsync(cancellationToken);
        var former = await transaction.ReadLedgerAsync(formerKey, cancellationToken);
        var own = topics.Where(topic => former.Any(entry => IsAppliedFrom(topic, entry))).Select(topic => topic.Topic).ToList();
        if (own.Count > 0)
            await transaction.AdoptAsync(formerKey, sink.Key, own, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        hasAdopted = true;
    }

    private static bool IsAppliedFrom(TopicState topic, LedgerEntry entry) =>
        string.Equals(topic.Topic, entry.Partition.Topic, StringComparison.Ordinal) && TopicIdentity.IsSame(topic.TopicId, entry.TopicId);

    /// <summary>
    /// Where the setting was changed, gives the platform's columns their new names, before anything asks for them: a table whole, or not at
    /// all. One that refuses stops, and is not assigned. A table whose topic is not read now waits until it is.
    /// </summary>
    private async Task<Assignment> RenameAsync(
        Assignment assignment, IReadOnlyList<RenamedTable> renamed, CancellationToken cancellationToken)
    {
        var left = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in renamed.Where(table => IsAssigned(assignment, table.Topic)))
        {
            try
            {
                await using var transaction = await writer.BeginAsync(cancellationToken);
                await transaction.RenameAsync(table, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
            catch (CdcException error) when (IsOfOneTable(error))
            {
                troubles.Stop(table.Topic, error);
                left.Add(table.Topic);
            }
        }

        return left.Count == 0 ? assignment : assignment.Without(left);
    }

    private static bool IsAssigned(Assignment assignment, string topic) => !assignment.Stopped.ContainsKey(topic)
        && assignment.Ledger.Keys.Any(partition => string.Equals(partition.Topic, topic, StringComparison.Ordinal));

    /// <summary>Moves the ledger as planned. A topic whose table's offsets cannot be forgotten stops, and is not assigned.</summary>
    private async Task<Assignment> MoveAsync(
        Assignment assignment, IReadOnlyList<RenamedTable> renamed, CancellationToken cancellationToken)
    {
        if (assignment.NewLog is { } note)
            await NoteAsync(note, cancellationToken);
        assignment = await RenameAsync(assignment, renamed, cancellationToken);
        try
        {
            await MoveAsync(assignment.Moves, cancellationToken);
            return assignment;
        }
        catch (CdcException error) when (IsOfOneTable(error))
        {
            // Which one is found by moving each alone.
        }

        var left = new HashSet<string>(StringComparer.Ordinal);
        foreach (var moves in assignment.Moves.GroupBy(move => move.Moved.Partition.Topic, StringComparer.Ordinal))
        {
            try
            {
                await MoveAsync([.. moves], cancellationToken);
            }
            catch (CdcException error) when (IsOfOneTable(error))
            {
                troubles.Stop(moves.Key, error);
                left.Add(moves.Key);
            }
        }

        return assignment.Without(left);
    }

    private async Task NoteAsync(LogNote note, CancellationToken cancellationToken)
    {
        await using var transaction = await writer.BeginAsync(cancellationToken);
        await transaction.NoteLogAsync(sink.Key, note.Expected, note.Noted, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task MoveAsync(IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken)
    {
        if (moves.Count == 0)
            return;
        await using var transaction = await writer.BeginAsync(cancellationToken);
        await transaction.MoveLedgerAsync(moves, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static LedgerMove Move(LedgerEntry entry, PartitionProgress progress) =>
        new(entry, entry with { NextOffset = progress.Next, Rows = entry.Rows + progress.Rows, Last = progress.Last ?? entry.Last });

    private async Task<bool> IsAppliedAsync(IReadOnlyList<LedgerMove> moves, CancellationToken cancellationToken)
    {
        await using var transaction = await writer.BeginAsync(cancellationToken);
        var now = (await transaction.ReadLedgerAsync(sink.Key, cancellationToken)).ToDictionary(entry => entry.Partition);
        return moves.All(move => now.TryGetValue(move.Moved.Partition, out var entry) && entry == move.Moved);
    }

    private async Task ApplyAsync(
        ITargetTransaction transaction, BatchStep step, Dictionary<TopicPartition, LedgerEntry> ledger, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case BatchStep.Rows rows:
                var incomplete = await transaction.WriteAsync(rows.Table.Target, rows.Compactor.Batch, cancellationToken);
                if (incomplete > 0 && !(Notes = await RenewNotes(Notes)).IsRead(rows.Table.Topic, ledger.Values))
                    throw Incomplete(rows.Table, incomplete);
                break;
            case BatchStep.Truncate truncate:
                await transaction.TruncateAsync(truncate.Table.Target, truncate.Partition, cancellationToken);
                break;
            default:
                throw new CdcException(ErrorCodes.Internal, $"A batch holds a step '{step.GetType().Name}' that nobody applies.");
        }
    }

    /// <summary>While a table is read, the rest of such a row comes by that; at any other time it would be null for good.</summary>
    private static CdcException Incomplete(
        SinkTable table, long rows) => new(ErrorCodes.TargetRowIncomplete, string.Create(CultureInfo.InvariantCulture,
        $"Writing into table '{table.Target}', {rows} rows were found that are not there and whose changes leave columns as they are; " +
        $"whole rows were expected."));

    /// <summary>
    /// A login or a right that was there before comes back: somebody changes a password, a role, the database's name. At a first start it
    /// may never come.
    /// </summary>
    private bool PassesWithTime(CdcException error) =>
        ErrorPolicy.For(error.Kind) == ErrorResponse.Retry || (wasLetIn && error.Kind == ErrorKind.TargetAccessDenied);

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
                // That table stays out from now on; the others are tried at once.
            }
            catch (CdcException error) when (PassesWithTime(error))
            {
                onTrouble(error);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
                await backoff.WaitAsync(either.Token);
            }
        }
    }
}

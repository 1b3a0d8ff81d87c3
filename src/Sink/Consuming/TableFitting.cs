using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;

namespace Cdc.Sink.Consuming;

/// <summary>Sees to it that a target's table is there, is ours and fits the rows to come.</summary>
/// <param name="sink">Its name, which claims carry.</param>
/// <param name="writer">The target.</param>
public sealed class TableFitting(string sink, ITableWriter writer)
{
    private readonly Dictionary<string, TargetName> filled = new(StringComparer.Ordinal);
    private SourceDatabase? target;

    /// <summary>What captures noted of their topics, as last looked at.</summary>
    public TopicNotes Notes { get; set; } = TopicNotes.None;

    /// <summary>The target told what this sink has there already, and which database it is.</summary>
    public void Assigned(IReadOnlyDictionary<string, TargetName> tables, SourceDatabase? database)
    {
        target = database;
        foreach (var (topic, table) in tables)
            filled[topic] = table;
    }

    /// <summary>
    /// Fits a table in a transaction of its own: whoever reads it waits for that one statement at most, not for rows, nor for a lock on
    /// another table. The ledger is asked first, so that a process whose turn is over changes nothing.
    /// </summary>
    public async Task FitApartAsync(
        SinkTable table, TableSchema schema, IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger, CancellationToken cancellationToken)
    {
        if (table.Fits(schema))
            return;
        await using var transaction = await writer.BeginAsync(cancellationToken);
        var own = ledger.Values.Where(entry => IsOf(entry, table.Topic)).Select(entry => new LedgerMove(entry, entry)).ToList();
        await transaction.MoveLedgerAsync(own, cancellationToken);
        await FitAsync(transaction, table, schema, ledger, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        table.ConfirmFit();
        filled[table.Topic] = table.Target;
    }

    /// <summary>Fits a table in a transaction that continues; <see cref="Confirm"/> is called once that has committed.</summary>
    public async Task FitAsync(
        ITargetTransaction transaction, SinkTable table, TableSchema schema, IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger,
        CancellationToken cancellationToken)
    {
        if (table.Fits(schema))
            return;
        await RequireNotTheSourceAsync(transaction, table, cancellationToken);
        var present = await transaction.DescribeAsync(table.Target, cancellationToken);
        if (present is null && HasApplied(ledger, table.Topic) && FilledBefore(table, ledger) is { } before)
            throw Lost(table, before);
        RequireColumns(table, present, schema);
        RequireKey(table, schema);
        await transaction.ClaimAsync(sink, table.Topic, table.Target, cancellationToken);
        present ??= await transaction.DescribeAsync(table.Target, cancellationToken); // Whose table it was may have made it meanwhile.
        await transaction.EvolveAsync(EvolutionPlanner.Plan(table.Target, present, schema), cancellationToken);
        table.ProposeFit(schema);
    }

    /// <summary>The transaction that brought its rows has committed.</summary>
    public void Confirm(SinkTable table)
    {
        table.ConfirmRows();
        filled[table.Topic] = table.Target;
    }

    private static bool IsOf(LedgerEntry entry, string topic) => string.Equals(entry.Partition.Topic, topic, StringComparison.Ordinal);

    /// <summary>Whether the target's table has rows of the topic, as of the ledger: of before a gap none count.</summary>
    private static bool HasApplied(IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger, string topic) =>
        ledger.Values.Any(entry => entry.NextOffset > entry.Since && IsOf(entry, topic));

    /// <summary>
    /// The table that the topic's rows went to. Where somebody removed the notes of that, the ledger still tells that it brought some.
    /// </summary>
    private TargetName? FilledBefore(SinkTable table, IReadOnlyDictionary<TopicPartition, LedgerEntry> ledger)
    {
        if (filled.TryGetValue(table.Topic, out var before))
            return before;
        return ledger.Values.Any(entry => entry.Rows > 0 && IsOf(entry, table.Topic)) ? table.Target : null;
    }

    /// <summary>Invariant 6: a column that had values is not made again without them.</summary>
    private static void RequireColumns(SinkTable table, TargetTable? present, TableSchema schema)
    {
        if (present is null || table.Held is not { } held)
            return;
        var names = present.Columns.Select(column => column.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var taken = held.Columns.Select(column => column.Name)
            .Intersect(schema.Columns.Select(column => column.Name), StringComparer.Ordinal).FirstOrDefault(name => !names.Contains(name));
        if (taken is not null)
            throw new CdcException(ErrorCodes.TargetColumnUnsuitable,
                $"Column '{taken}' of table '{table.Target}' was there and is missing now; made again, it would lack its values.");
    }

    /// <summary>
    /// Invariant 2: rows that differ in one column of their key alone are not merged into one. A source whose key became another one reads
    /// the table again, and the re-read lets it resume.
    /// </summary>
    private static void RequireKey(SinkTable table, TableSchema schema)
    {
        if (table.Held is not { } held || !schema.HasKey)
            return;
        var before = held.Key.Select(column => held.Columns[column].Name).ToList();
        var left = schema.Key.Select(column => schema.Columns[column].Name).Except(before, StringComparer.Ordinal);
        if (!left.Any() && before.Find(name => schema.IndexOf(name) < 0) is { } lacking)
        {
            throw new CdcException(ErrorCodes.TargetColumnUnsuitable,
                $"Writing into table '{table.Target}', its records lack column '{lacking}', which was of the key: rows that differ in it " +
                "alone would become one.");
        }
    }

    /// <summary>Invariant 6: a table that is made again holds all from a snapshot on, or is not made.</summary>
    private CdcException Lost(SinkTable table, TargetName before) => new(ErrorCodes.TargetTableLost,
        $"Writing into table '{table.Target}', it was not found, though sink '{sink}' has applied rows of " +
        $"topic '{table.Topic}'{(before == table.Target ? "" : $": they are in '{before}'")}.");

    /// <summary>
    /// In the source's own schema, our table would be the source's, or be captured as one of its tables for ever; so would a copy of a copy
    /// that a sink makes in the same database.
    /// </summary>
    private async Task RequireNotTheSourceAsync(ITargetTransaction transaction, SinkTable table, CancellationToken cancellationToken)
    {
        if (target is null || Notes.SourceOf(table.Topic) != target)
            return;
        if (string.Equals(table.Target.Schema, table.Source.Schema, StringComparison.Ordinal))
        {
            throw new CdcException(ErrorCodes.TargetIsSource,
                $"Claiming table '{table.Target}' for sink '{sink}', the target was found to be database '{target.Database}' that " +
                $"topic '{table.Topic}' comes from, and another schema was expected.");
        }

        if (await transaction.FillerOfAsync(new TargetName(table.Source.Schema, table.Source.Name), cancellationToken) is { } filler)
        {
            throw new CdcException(ErrorCodes.TargetIsSource,
                $"Claiming table '{table.Target}' for sink '{sink}', topic '{table.Topic}' was found to be of '{table.Source}', which " +
                $"sink '{filler}' fills in the same database, and a table of the source's own was expected.");
        }
    }
}

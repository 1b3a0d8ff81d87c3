using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Sink.Batching;

/// <summary>
/// Folds the changes of one table, in log order, to the last state per key (Invariant 2). Columns that a change did not carry are filled
/// from earlier changes of the key in the same batch. A delete clears: what is created after it inherits nothing, from the target's row
/// neither. Any split of the changes into batches leaves the same table.
/// </summary>
/// <param name="schema">Of the rows.</param>
/// <param name="storage">Where they are gathered; empty at first.</param>
public sealed class BatchCompactor(TableSchema schema, BatchStorage storage)
{
    private readonly KeyIndex keys = storage.Keys;

    /// <summary>What is left of the changes so far.</summary>
    public TableBatch Batch { get; } = new(schema, storage);

    /// <summary>Where it lies.</summary>
    public BatchStorage Storage => storage;

    /// <summary>Memory the rows and their keys take, in bytes.</summary>
    public long Bytes => Batch.Bytes + keys.Bytes;

    /// <summary>Takes the next change.</summary>
    /// <param name="operation">Create, update, delete or read.</param>
    /// <param name="key">The key's encoded bytes; not looked at where the table has no key.</param>
    /// <param name="image">The row after the change; for a delete its key columns.</param>
    /// <param name="place">Where the change is in the log and when it was committed; its other members are set here.</param>
    public void Add(Operation operation, ReadOnlySpan<byte> key, RowImage image, BatchRow place)
    {
        var row = place with { HasUnchanged = HasUnchanged(operation, image) };
        row = row with { Change = ChangeOf(operation, row.HasUnchanged) };
        if (!Batch.Schema.HasKey)
        {
            Batch.Add(row, image);
            return;
        }

        var number = keys.GetOrAdd(key, Batch.Count, out var isNew);
        if (isNew)
            Batch.Add(row, image);
        else
            Fold(number, Batch[number].Change, operation, row, image);
    }

    private void Fold(int number, RowChange earlier, Operation operation, BatchRow row, RowImage image)
    {
        if (operation == Operation.Delete)
            Batch.Replace(number, row, image, FillUnchanged.Nothing);
        else if (earlier == RowChange.Delete || operation == Operation.Create)
            Batch.Replace(number, row with { Change = RowChange.Replace }, image, FillUnchanged.Nothing);
        else
            Batch.Replace(number, row with { Change = earlier }, image, FillUnchanged.FromEarlier);
    }

    private static RowChange ChangeOf(Operation operation, bool hasUnchanged) => operation switch
    {
        Operation.Delete => RowChange.Delete,
        Operation.Create when hasUnchanged => RowChange.Replace,
        Operation.Create or Operation.Update or Operation.Read => RowChange.Upsert,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not a change of one row."),
    };

    private static bool HasUnchanged(Operation operation, RowImage image)
    {
        if (operation == Operation.Delete)
            return false;
        foreach (var column in image.Columns)
        {
            if (column.State == ColumnState.Unchanged)
                return true;
        }

        return false;
    }
}

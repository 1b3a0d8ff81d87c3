using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using Cdc.Sink.Batching;

namespace Cdc.Sink.Consuming;

/// <summary>
/// A change of a table without a key as what it does to the rows: an update removes one row and adds another, in this order, under one
/// offset. What the new row leaves unchanged is in the old one.
/// </summary>
internal static class KeylessChange
{
    public static void Add(SinkBatch batch, SinkTable table, TableSchema schema, ChangeEvent change, BatchRow place)
    {
        var removes = change.Operation is Operation.Update or Operation.Delete;
        if (removes && change.Before.IsEmpty)
            throw Unidentified(schema, "does not carry the row that it changed");
        var after = change.Operation == Operation.Delete ? default : Fill(change);
        if (after.Columns.IndexOf(ColumnSlice.Unchanged) >= 0)
            // Before anything of the change is in the batch: the record comes again.
            throw Unidentified(schema, "does not carry its whole row");
        if (removes)
            batch.Add(table, schema, Operation.Delete, default, change.Before, place);
        if (change.Operation == Operation.Delete)
            return;
        batch.Add(table, schema, Operation.Create, default, after, place);
    }

    /// <summary>Both images are slices of one record.</summary>
    private static RowImage Fill(ChangeEvent change)
    {
        if (change.Before.IsEmpty || change.After.Columns.IndexOf(ColumnSlice.Unchanged) < 0)
            return change.After;
        var columns = change.After.Columns.ToArray();
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].State == ColumnState.Unchanged)
                columns[i] = change.Before.Columns[i];
        }

        return change.Before.With(columns);
    }

    private static CdcException Unidentified(TableSchema schema, string what) =>
        new(ErrorCodes.TargetKeyMissing, $"Reading a change of table '{schema.Id}', which has no key, it {what}.");
}

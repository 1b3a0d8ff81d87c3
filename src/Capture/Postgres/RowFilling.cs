using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres;

/// <summary>
/// Fills columns that an update did not carry from the old row, where the server sent that: of a table with full identity all of them, else
/// a long key. Both images lie in the same message.
/// </summary>
public sealed class RowFilling
{
    private ColumnSlice[] filled = new ColumnSlice[32];

    public RowImage Fill(ReadOnlySpan<byte> message, RowImage after, RowImage before)
    {
        if (after.Columns.IndexOf(ColumnSlice.Unchanged) < 0)
            return after;
        if (filled.Length < after.Columns.Length)
            filled = new ColumnSlice[after.Columns.Length];
        for (var i = 0; i < after.Columns.Length; i++)
        {
            var isMissing = after.Columns[i].State == ColumnState.Unchanged && before.State(i) == ColumnState.Value;
            filled[i] = isMissing ? before.Columns[i] : after.Columns[i];
        }

        return new RowImage(message, filled.AsSpan(0, after.Columns.Length));
    }
}

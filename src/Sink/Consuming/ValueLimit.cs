using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Sink.Consuming;

/// <summary>The largest value of a column that a sink takes: one such value is several times in memory on its way (Invariant 7).</summary>
/// <param name="sink">The sink's name, for messages.</param>
/// <param name="bytes">The size, as the value lies in the log; null for any.</param>
public sealed class ValueLimit(string sink, long? bytes)
{
    private readonly long most = bytes ?? long.MaxValue;

    /// <summary>Whether a record is so short that none of its values can be too large.</summary>
    public bool Allows(int recordBytes) => recordBytes <= most;

    /// <summary>Refuses a row one of whose values is too large.</summary>
    public void Check(SinkTable table, TableSchema schema, RowImage image)
    {
        for (var i = 0; i < image.Columns.Length; i++)
        {
            if (image.Columns[i] is { State: ColumnState.Value or ColumnState.Exact, Length: var length } && length > most)
            {
                throw new CdcException(ErrorCodes.TargetValueTooLarge, string.Create(CultureInfo.InvariantCulture,
                    $"Taking a row for table '{table.Target}', column '{schema.Columns[i].Name}' was found to hold {length} bytes, and " +
                    $"at most {most} were expected, which is 'maxValueSize' of sink '{sink}'."));
            }
        }
    }
}

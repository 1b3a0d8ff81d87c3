using System.Globalization;
using System.Text;
using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Tests.Reading;

/// <summary>The model's rows as the source tells them: a key, a small and a big value.</summary>
internal static class ModelRow
{
    /// <summary>The row's image; a value that is null was not sent.</summary>
    public static (byte[] Bytes, ColumnSlice[] Columns) ImageOf(int key, int? small, int? big)
    {
        var bytes = new List<byte>();
        ColumnSlice[] columns = [Value(key), Value(small), Value(big)];
        return ([.. bytes], columns);

        ColumnSlice Value(int? number)
        {
            if (number is null)
                return ColumnSlice.Unchanged;
            var text = Text(number.Value);
            bytes.AddRange(text);
            return new ColumnSlice(bytes.Count - text.Length, text.Length, ColumnState.Value);
        }
    }

    /// <summary>Whether a chunk reads the row.</summary>
    public static bool IsIn(TableChunk chunk, ModelVersion row) => chunk switch
    {
        RangeChunk { Range: PageRange range } =>
            new PagePlace(row.Page, row.Row).IsBehind(range.After) && (range.End is not { } end || row.Page < end),
        KeysChunk keys => keys.Keys.Any(key => key.AsSpan(4).SequenceEqual(Text(row.Key))),
        _ => throw new InvalidOperationException(),
    };

    private static byte[] Text(int number) => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}

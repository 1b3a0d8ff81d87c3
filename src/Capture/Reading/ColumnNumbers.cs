namespace Cdc.Capture.Reading;

/// <summary>A published column as the source's catalog has it.</summary>
/// <param name="Name">The source's spelling.</param>
/// <param name="Number">A table never gives one twice, and a column keeps its own under another name.</param>
/// <param name="IsFilled">Rows from before it hold a value that no change told of.</param>
public readonly record struct TableColumn(string Name, int Number, bool IsFilled);

/// <summary>The columns of a table as the source's catalog has them.</summary>
/// <param name="Last">The highest number given so far; 0 where the source gives none.</param>
/// <param name="Published">Those whose values are streamed.</param>
/// <param name="Dropped">The numbers of those that are gone.</param>
public sealed record TableColumns(int Last, IReadOnlyList<TableColumn> Published, IReadOnlyList<int> Dropped)
{
    /// <summary>The source gives columns no numbers.</summary>
    public static TableColumns None { get; } = new(0, [], []);
}

/// <summary>What the columns of a table mean for the records that the log holds of it.</summary>
public enum ColumnsVerdict
{
    /// <summary>They are as they were.</summary>
    Same,

    /// <summary>They are others, and the records are right all the same.</summary>
    Taken,

    /// <summary>Rows may hold values that no record has: the table must be read again.</summary>
    ReadAgain,
}

/// <summary>
/// Of which columns the log's records of a table are: a number by each name that they ever had. A name whose number is another one, or a
/// number whose name is another one, is a column whose old values the records under that name are not.
/// </summary>
public sealed class ColumnNumbers
{
    /// <summary>The stream showed the name, the catalog did not yet.</summary>
    private const int Unplaced = 0;

    /// <summary>Records have values under the name, and the column is gone.</summary>
    private const int Gone = -1;

    private readonly Dictionary<string, int> numbers;

    /// <summary>What was noted before; nothing where columns were not yet noted.</summary>
    public ColumnNumbers(int last = 0, IEnumerable<KeyValuePair<string, int>>? noted = null)
    {
        Last = last;
        numbers = new Dictionary<string, int>(noted ?? [], StringComparer.Ordinal);
    }

    /// <summary>The highest number that the table had given; 0 where none is known.</summary>
    public int Last { get; private set; }

    public IReadOnlyDictionary<string, int> ByName => numbers;

    /// <summary>The stream shows columns of these names. True where one is new.</summary>
    public bool Meet(IEnumerable<string> names)
    {
        var before = numbers.Count;
        foreach (var name in names)
            numbers.TryAdd(name, Unplaced);
        return numbers.Count > before;
    }

    /// <summary>All columns there are will be read behind here: what only the stream showed until now needs no look any more.</summary>
    public void Settle()
    {
        foreach (var name in numbers.Where(pair => pair.Value == Unplaced).Select(pair => pair.Key).ToList())
            numbers[name] = Gone;
    }

    /// <summary>Holds the catalog's columns against those that are noted, and notes them unless the table must be read again.</summary>
    /// <param name="now">As they are.</param>
    /// <param name="isSettled">The stream has shown nothing for so long that the catalog shows it too.</param>
    public ColumnsVerdict Compare(TableColumns now, bool isSettled)
    {
        if (Last > 0 && now.Last > 0 && (now.Published.Any(column => IsUnread(column, now)) || (isSettled && HasMissed(now))))
            return ColumnsVerdict.ReadAgain;
        return Take(now) ? ColumnsVerdict.Taken : ColumnsVerdict.Same;
    }

    /// <summary>These are what the records are of. True where that is news.</summary>
    public bool Take(TableColumns now)
    {
        if (now.Last == 0)
            return false;
        var isNews = Last != now.Last;
        Last = now.Last;
        var names = now.Published.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in numbers.Where(pair => pair.Value > 0 && !names.Contains(pair.Key)).Select(pair => pair.Key).ToList())
        {
            numbers[name] = Gone;
            isNews = true;
        }

        foreach (var column in now.Published)
        {
            isNews |= !numbers.TryGetValue(column.Name, out var number) || number != column.Number;
            numbers[column.Name] = column.Number;
        }

        return isNews;
    }

    /// <summary>
    /// A new column's old rows are null unless it came with a value; where another came and went meanwhile, it may have had the name.
    /// </summary>
    private bool IsUnread(TableColumn column, TableColumns now) =>
        numbers.TryGetValue(column.Name, out var number) && number != Unplaced
            ? number != column.Number
            : column.Number <= Last || column.IsFilled || now.Dropped.Any(dropped => dropped > Last);

    /// <summary>Records have values under a name that the catalog was never seen with: its column may have another name by now.</summary>
    private bool HasMissed(TableColumns now) =>
        numbers.Any(pair => pair.Value == Unplaced
            && !now.Published.Any(column => string.Equals(column.Name, pair.Key, StringComparison.Ordinal)));
}

using System.Collections.Immutable;

namespace Cdc.Contracts.Schema;

/// <summary>A table as its events describe it: columns in the source's order, and which of them are the key.</summary>
/// <param name="Id">The source's table.</param>
/// <param name="Columns">At least one.</param>
/// <param name="Key">Indexes into <paramref name="Columns"/>, in the order of the key; empty where the table has none.</param>
public sealed record TableSchema(TableId Id, ImmutableArray<ColumnSchema> Columns, ImmutableArray<int> Key)
{
    public bool HasKey => Key.Length > 0;

    public bool Equals(TableSchema? other) =>
        other is not null && Id == other.Id && Columns.SequenceEqual(other.Columns) && Key.SequenceEqual(other.Key);

    public override int GetHashCode() => HashCode.Combine(Id, Columns.Length, Key.Length);

    /// <summary>Where a column is, by the source's spelling; -1 where there is none.</summary>
    public int IndexOf(string columnName)
    {
        for (var i = 0; i < Columns.Length; i++)
        {
            if (string.Equals(Columns[i].Name, columnName, StringComparison.Ordinal))
                return i;
        }

        return -1;
    }

    /// <summary>The same without some columns, none of which is of the key.</summary>
    public TableSchema Without(IReadOnlyCollection<string> columnNames)
    {
        if (columnNames.Count == 0)
            return this;
        var kept = Columns.Where(column => !columnNames.Contains(column.Name, StringComparer.Ordinal)).ToImmutableArray();
        return new TableSchema(Id, kept, [.. Key.Select(column => kept.IndexOf(Columns[column]))]);
    }
}

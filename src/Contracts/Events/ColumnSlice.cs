namespace Cdc.Contracts.Events;

/// <summary>Which of its cases a column of a row image is.</summary>
public enum ColumnState : byte
{
    /// <summary>SQL NULL.</summary>
    Null,

    /// <summary>A value: the slice's bytes.</summary>
    Value,

    /// <summary>The source did not send the value; it is what it was before.</summary>
    Unchanged,

    /// <summary>A value that the column's schema cannot carry: the slice's bytes are its canonical text in UTF-8.</summary>
    Exact,
}

/// <summary>Where one column of a row image lies in the image's buffer.</summary>
public readonly record struct ColumnSlice(int Offset, int Length, ColumnState State)
{
    public static ColumnSlice Null => default;

    public static ColumnSlice Unchanged => new(0, 0, ColumnState.Unchanged);
}

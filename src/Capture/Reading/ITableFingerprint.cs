namespace Cdc.Capture.Reading;

/// <summary>
/// What a table is and why its changes are streamed, as the source's catalog has it: while all of this is the same, every change of the
/// table comes by the stream, and every value reads as it did. What is in it, only its source knows.
/// </summary>
public interface ITableFingerprint
{
    /// <summary>The source's number of the table: another one under the same name is another table.</summary>
    uint Number { get; }

    /// <summary>Schema and name.</summary>
    string Name { get; }

    /// <summary>Whether rows are told apart by some of their columns.</summary>
    bool HasKey { get; }

    /// <summary>Whether updates and deletes tell which row they mean.</summary>
    bool IsIdentified { get; }

    /// <summary>Whether the table's rows are in a partition of that number, or in the table of that number itself.</summary>
    bool HasPart(uint number);

    /// <summary>What it means for the records of the table that it is this by now. Pure.</summary>
    LookDifference Compare(ITableFingerprint now);

    /// <summary>
    /// This one, with the partitions of an earlier one that it lacks. That they went says something of rows, and counts until the table is
    /// read: one that is back by the next look, with other rows in the same file, would be taken for what it was.
    /// </summary>
    ITableFingerprint KeepPartsOf(ITableFingerprint known);

    /// <summary>
    /// Whether rows that are in another file, and whose columns nobody touched, are the same rows: whatever else makes a file of the table
    /// again is told by the stream.
    /// </summary>
    /// <param name="file">The number of the table, or partition, whose file it is.</param>
    bool CanOnlyMove(uint file);

    /// <summary>Equal for equal fingerprints, and for no others. The checkpoint keeps it.</summary>
    string ToText();
}

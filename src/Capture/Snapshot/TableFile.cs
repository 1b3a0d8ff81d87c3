namespace Cdc.Capture.Snapshot;

/// <summary>A file that holds rows of a table now.</summary>
/// <param name="Number">The source's number of the table, or partition, whose file it is.</param>
/// <param name="Version">Another one after a rewrite or truncation.</param>
public abstract record TableFile(uint Number, uint Version)
{
    /// <summary>The low half of the number of the transaction that last wrote the catalog's row of it: mostly the one that made the file.</summary>
    public uint Transaction { get; init; }

    /// <summary>All of it, to be read.</summary>
    public abstract TablePart ToPart();
}

using Cdc.Capture.Sources;

namespace Cdc.Capture.Reading;

/// <summary>A file that holds rows of a table now.</summary>
/// <param name="Number">The source's number of the table, or partition, whose file it is.</param>
/// <param name="Version">Another one after a rewrite or truncation.</param>
public abstract record TableFile(uint Number, uint Version)
{
    /// <summary>The transaction that made it, or that last did something else to it; none where the source does not tell.</summary>
    public TransactionMark Writer { get; init; }

    /// <summary>All of it, to be read.</summary>
    public abstract TablePart ToPart();
}

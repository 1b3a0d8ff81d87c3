namespace Cdc.Capture.Reading;

/// <summary>A run of a part's rows. Which they are, only the part's source knows; equal ranges are one.</summary>
public abstract record ReadRange;

/// <summary>
/// A file of a table that is read, and which of its ranges are not published yet: a table has one, a partitioned one has one a leaf. Where
/// a range ends, only its source knows.
/// </summary>
public abstract class TablePart
{
    private readonly List<ReadRange> left;
    private readonly List<ReadRange> taken = [];

    /// <param name="number">The source's number of the table that holds the rows.</param>
    /// <param name="version">Of the file; ranges mean nothing in another one.</param>
    /// <param name="left">Ranges that were given out before, and not published.</param>
    protected TablePart(uint number, uint version, IEnumerable<ReadRange> left)
    {
        (Number, Version) = (number, version);
        this.left = [.. left];
    }

    public uint Number { get; }

    public uint Version { get; }

    /// <summary>About how many bytes of rows it has, as of the description.</summary>
    public abstract double Bytes { get; }

    public bool IsRead => IsGivenOut && left.Count == 0 && taken.Count == 0;

    /// <summary>Nothing is left of it that was never given out.</summary>
    protected abstract bool IsGivenOut { get; }

    /// <summary>Ranges that were given out and are not published.</summary>
    protected IEnumerable<ReadRange> Unpublished => left.Concat(taken);

    /// <summary>What the checkpoint keeps of it, in JSON; its source reads it back.</summary>
    public abstract string ToText();

    /// <summary>It is as large as a description found it.</summary>
    public abstract void Measure(TablePart described);

    /// <summary>Gives a range out that should have about that many bytes; null where none is left.</summary>
    public ReadRange? Take(int bytes)
    {
        ReadRange? range;
        if (left.Count > 0)
        {
            range = left[0];
            left.RemoveAt(0);
        }
        else
        {
            range = TakeNext(bytes);
        }

        if (range is not null)
            taken.Add(range);
        return range;
    }

    /// <summary>The range was not published.</summary>
    public void GiveBack(ReadRange range)
    {
        if (taken.Remove(range))
            left.Insert(0, range);
    }

    /// <summary>The range was published.</summary>
    public void Finish(ReadRange range, ChunkFacts facts)
    {
        taken.Remove(range);
        if (facts.Rest is { } rest)
            left.Insert(0, rest);
        Learn(range, facts);
    }

    /// <summary>A range behind all that was given out; null where nothing is left.</summary>
    protected abstract ReadRange? TakeNext(int bytes);

    /// <summary>What a range's read says of how long the next ones should be.</summary>
    protected abstract void Learn(ReadRange range, ChunkFacts facts);
}

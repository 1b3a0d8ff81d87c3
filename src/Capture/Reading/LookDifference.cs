namespace Cdc.Capture.Reading;

/// <summary>What a look at a table means for the records that the log holds of it; the later, the worse.</summary>
public enum LookVerdict
{
    /// <summary>All is as it was.</summary>
    Same,

    /// <summary>Something is otherwise, and the records are right all the same.</summary>
    Taken,

    /// <summary>Rows may hold values that no record has, and may not.</summary>
    Recheck,

    /// <summary>Changes may have gone by without being streamed, or the rows are another table's.</summary>
    Gap,
}

/// <summary>A verdict, and what it comes from.</summary>
/// <param name="Verdict">The worst of all that differs.</param>
/// <param name="Because">What differs, in words that continue after "its"; empty where nothing counts.</param>
public readonly record struct LookDifference(LookVerdict Verdict, string Because)
{
    public static LookDifference None { get; }

    public bool MeansRead => Verdict >= LookVerdict.Recheck;

    /// <summary>The worse of two.</summary>
    public LookDifference Or(LookDifference other) => other.Verdict > Verdict ? other : this;
}

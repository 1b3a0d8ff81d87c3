namespace Cdc.Contracts.Security;

/// <summary>A set of characters, as ranges in ascending order.</summary>
internal sealed class CodePoints
{
    private readonly List<int> lasts = [];
    private readonly List<int> firsts = [];

    public void Add((int First, int Last) range)
    {
        firsts.Add(range.First);
        lasts.Add(range.Last);
    }

    public bool Contains(int letter)
    {
        var at = lasts.BinarySearch(letter);
        if (at < 0)
            at = ~at;
        return at < lasts.Count && firsts[at] <= letter;
    }
}

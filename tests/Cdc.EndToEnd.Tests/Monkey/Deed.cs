namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>One kind of thing that happens to a database on an ordinary day.</summary>
/// <param name="Name">What is done, in a few words; by it a campaign is asked for.</param>
/// <param name="DoAsync">Does it once; what it leaves behind, other deeds can work with.</param>
internal sealed record Deed(string Name, Func<Hand, Task> DoAsync)
{
    /// <summary>Codes with which its table may be stopped for good, by design.</summary>
    public IReadOnlyList<string> MayStop { get; init; } = [];

    public override string ToString() => Name;
}

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>
/// One kind of thing that an administrator does to a target, or that happens to it. At its end its cause is gone, and where the documents
/// say that somebody must type something, that was typed.
/// </summary>
/// <param name="Name">What is done, in a few words; by it a campaign is asked for.</param>
/// <param name="DoAsync">Does it once.</param>
internal sealed record TargetDeed(string Name, Func<TargetHand, Task> DoAsync)
{
    /// <summary>Whether it needs a pooler before the target.</summary>
    public bool IsOfPooler { get; init; }

    /// <summary>Whether only a campaign of hours has it, for it takes long.</summary>
    public bool IsLong { get; init; }

    /// <summary>
    /// Whether no other deed may be under way: it makes every table again, undoes what another one did, or keeps all others out.
    /// </summary>
    public bool IsAlone { get; init; }

    public override string ToString() => Name;
}

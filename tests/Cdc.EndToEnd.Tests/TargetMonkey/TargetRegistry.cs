using Cdc.EndToEnd.Tests.TargetMonkey.Deeds;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>Every kind of deed on a target there is.</summary>
internal static class TargetRegistry
{
    public static IReadOnlyList<TargetDeed> All { get; } =
    [
        .. TableDeeds.All, .. RuleDeeds.All, .. RightDeeds.All, .. LockDeeds.All, .. RowDeeds.All, .. OutageDeeds.All, .. LakeDeeds.All,
        .. NeighbourDeeds.All,
    ];

    public static TargetDeed Find(string name) => All.FirstOrDefault(deed => deed.Name == name)
        ?? throw new InvalidOperationException($"No deed has the name '{name}'.");
}

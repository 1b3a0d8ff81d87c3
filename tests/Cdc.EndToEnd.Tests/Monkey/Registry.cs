using Cdc.EndToEnd.Tests.Monkey.Deeds;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>Every kind of deed there is.</summary>
internal static class Registry
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        .. TableDeeds.All, .. ColumnDeeds.All, .. KeyDeeds.All, .. TypeDeeds.All, .. PartitionDeeds.All, .. SchemaDeeds.All,
        .. PublicationDeeds.All, .. RightDeeds.All, .. WorkDeeds.All, .. OutageDeeds.All,
    ];

    public static Deed Find(string name) => All.FirstOrDefault(deed => deed.Name == name)
        ?? throw new InvalidOperationException($"No deed has the name '{name}'.");
}

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>Deeds after which source and target differ today, or the program ends, with what was seen. They are left out of the campaign until that is mended.</summary>
internal static class Known
{
    public static IReadOnlyDictionary<string, string> Faults { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
    };
}

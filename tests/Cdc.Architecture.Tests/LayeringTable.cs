namespace Cdc.Architecture.Tests;

/// <summary>What <c>build/layering.txt</c> allows: per namespace the other namespaces of the project that its files may use.</summary>
internal sealed class LayeringTable
{
    public const string Path = "build/layering.txt";

    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Entry> Entries => entries.Values;

    public static LayeringTable Read() => Parse(File.ReadAllLines(Sources.PathOf(Path)));

    public static LayeringTable Parse(string[] lines)
    {
        var table = new LayeringTable();
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line.StartsWith('#'))
                continue;
            var parts = line.Split(':');
            var allowed = parts.Length == 2 ? parts[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                : null;
            if (allowed is null || !table.entries.TryAdd(parts[0].Trim(), new Entry(i + 1, parts[0].Trim(), allowed)))
                Assert.Fail($"{Path}:{i + 1}: expected 'namespace: allowed, allowed', each namespace on one line only, found '{line}'.");
        }

        return table;
    }

    public Entry? Find(string name) => entries.GetValueOrDefault(name);

    internal sealed record Entry(int Line, string Namespace, IReadOnlyList<string> Allowed);
}

using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>One file's use of another namespace of the project.</summary>
internal sealed partial record NamespaceUse(SourceFile File, int Line, string From, string To, string How)
{
    public static IReadOnlyList<NamespaceUse> Find(IReadOnlyList<SourceFile> files)
    {
        var namespaces = files.Select(file => file.Namespace).Where(name => name.Length > 0).ToHashSet(StringComparer.Ordinal);
        var types = files.Where(file => !IsOptions(file)).SelectMany(file => file.DeclaredTypes.Select(type => (file.Namespace, type)))
            .ToLookup(pair => pair.Namespace, pair => pair.type, StringComparer.Ordinal);
        return [.. files.SelectMany(file => Explicit(file, namespaces).Concat(Implicit(file, types)))
            .Where(use => !string.Equals(use.From, use.To, StringComparison.Ordinal))];
    }

    private static IEnumerable<NamespaceUse> Explicit(SourceFile file, HashSet<string> namespaces)
    {
        foreach (var (line, name, _) in file.Usings)
        {
            // An alias or 'using static' names a type: its namespace is what counts.
            var to = namespaces.Contains(name) ? name : name[..Math.Max(0, name.LastIndexOf('.'))];
            if (name.StartsWith("Cdc.", StringComparison.Ordinal))
                yield return new NamespaceUse(file, line, file.Namespace, namespaces.Contains(to) ? to : name, $"using {name}");
        }
    }

    // A namespace sees the types of those around it without a 'using' line; options are settled facts and may be seen from within.
    private static IEnumerable<NamespaceUse> Implicit(SourceFile file, ILookup<string, string> types)
    {
        var own = file.Usings.Select(use => use.Name).Append(file.Namespace).SelectMany(name => types[name])
            .ToHashSet(StringComparer.Ordinal);
        for (var around = Around(file.Namespace); around.Length > 0; around = Around(around))
        {
            var seen = types[around].Where(type => !own.Contains(type)).ToHashSet(StringComparer.Ordinal);
            var first = seen.Count == 0 ? null : TypeName().Matches(file.Code).FirstOrDefault(match => seen.Contains(match.Value));
            if (first is not null)
                yield return new NamespaceUse(file, file.LineAt(first.Index), file.Namespace, around,
                    $"'{first.Value}' of the namespace around it");
        }
    }

    private static bool IsOptions(SourceFile file) => file.Name.EndsWith("Options", StringComparison.Ordinal);

    private static string Around(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex TypeName();
}

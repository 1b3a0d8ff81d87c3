using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>The directions inside and between projects, as <c>build/layering.txt</c> draws them.</summary>
public sealed partial class LayeringTests
{
    // A root file may use all folders of its project and what the project references.
    private static readonly string[] Roots = ["Cdc.Contracts", "Cdc.Transport", "Cdc.Capture", "Cdc.Sink", "Cdc.Control", "Cdc.Cli"];

    // These wire: their folders may use every project that theirs references, with its folders.
    private static readonly string[] Wiring = ["Cdc.Hosting", "Cdc.Cli"];

    private readonly LayeringTable table = LayeringTable.Read();
    private readonly IReadOnlyList<NamespaceUse> uses = NamespaceUse.Find(Sources.Product);

    [Fact]
    public void Files_use_only_the_namespaces_their_own_is_allowed()
    {
        Sources.ExpectNone(uses.Where(use => HasRule(use.From) && !IsAllowed(use)).Select(use =>
            $"{use.File.At(use.Line)}: {use.How} uses '{use.To}'; {Permitted(use.From)}"));
    }

    [Fact]
    public void Each_namespace_has_a_line()
    {
        Sources.ExpectNone(Sources.Product.Select(file => file.Namespace).Where(name => name.Length > 0 && !HasRule(name))
            .Distinct(StringComparer.Ordinal)
            .Select(name =>
                $"{LayeringTable.Path} has no line for this namespace. If what it uses is what it should use, " +
                $"add: {name}: {UsedBy(name)}"));
    }

    [Fact]
    public void No_line_is_stale()
    {
        var present = Sources.Product.Select(file => file.Namespace).ToHashSet(StringComparer.Ordinal);
        var used = uses.Select(use => (use.From, use.To)).ToHashSet();
        Sources.ExpectNone(table.Entries
            .Where(entry => !present.Contains(entry.Namespace))
            .Select(entry => $"{LayeringTable.Path}:{entry.Line}: no file has the namespace '{entry.Namespace}'; remove the line.")
            .Concat(table.Entries.Where(entry => present.Contains(entry.Namespace)).SelectMany(entry => entry.Allowed
                .Where(allowed => !used.Contains((entry.Namespace, allowed)))
                .Select(allowed =>
                    $"{LayeringTable.Path}:{entry.Line}: no file of '{entry.Namespace}' uses '{allowed}'; remove it from the line."))));
    }

    [Fact]
    public void Namespaces_form_no_circle()
    {
        var graph = uses.ToLookup(use => use.From, use => use.To, StringComparer.Ordinal);
        var circles = graph.Select(node => Circle(node.Key, graph)).OfType<string>();
        Sources.ExpectNone(circles.Select(circle => $"{circle} {string.Join(" ", Witnesses(circle))}"));
    }

    [Fact]
    public void No_global_using_names_a_namespace_of_ours()
    {
        Sources.ExpectNone(Sources.Product.SelectMany(file => file.Usings
            .Where(use => use.IsGlobal && use.Name.StartsWith("Cdc.", StringComparison.Ordinal))
            .Select(use => $"{file.At(use.Line)}: 'global using {use.Name}' hides a dependency; write the using where it is needed.")));
    }

    [Fact]
    public void No_body_names_a_namespace_of_ours_in_full()
    {
        Sources.ExpectNone(Sources.Product.SelectMany(file => QualifiedName().Matches(file.Code)
            .Select(match => $"{file.At(file.LineAt(match.Index))}: '{match.Value}' is written in full; write a using line instead.")));
    }

    [Fact]
    public void Namespace_is_the_folder()
    {
        Sources.ExpectNone(Sources.Product.Where(file => file.Namespace.Length > 0)
            .Select(file => (file, expected: $"Cdc.{file.Folder["src/".Length..].Replace('/', '.')}"))
            .Where(pair => !string.Equals(pair.file.Namespace, pair.expected, StringComparison.Ordinal))
            .Select(pair => $"{pair.file.Path}: namespace '{pair.file.Namespace}', but its folder says '{pair.expected}'."));
    }

    private bool IsAllowed(NamespaceUse use) =>
        WiringOf(use.From) is { } wiring ? !string.Equals(use.To, wiring, StringComparison.Ordinal)
        : Roots.Contains(use.From) ? IsInside(use.To, use.From) || IsInside(use.To, "Cdc.Contracts")
        : table.Find(use.From)?.Allowed.Contains(use.To) == true;

    private bool HasRule(string name) => Roots.Contains(name) || WiringOf(name) is not null || table.Find(name) is not null;

    private string UsedBy(string name) =>
        string.Join(", ", uses.Where(use => string.Equals(use.From, name, StringComparison.Ordinal)).Select(use => use.To)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private string Permitted(string from) => table.Find(from) switch
    {
        null when WiringOf(from) is null => "permitted are the folders of its project and Cdc.Contracts.",
        null => "permitted are the folders of its project and all projects that it references.",
        { Allowed.Count: 0 } entry => $"nothing is permitted ({LayeringTable.Path}:{entry.Line}).",
        { } entry => $"permitted are {string.Join(", ", entry.Allowed)} ({LayeringTable.Path}:{entry.Line}).",
    };

    private static string? WiringOf(string name) => Array.Find(Wiring, root => IsInside(name, root));

    private static bool IsInside(string name, string root) =>
        string.Equals(name, root, StringComparison.Ordinal) || name.StartsWith(root + ".", StringComparison.Ordinal);

    // The shortest way from a namespace back to itself, told from its alphabetically first member only.
    private static string? Circle(string start, ILookup<string, string> graph)
    {
        var from = new Dictionary<string, string>(StringComparer.Ordinal);
        var queue = new Queue<string>([start]);
        while (queue.TryDequeue(out var node))
        {
            foreach (var next in graph[node])
            {
                if (string.Equals(next, start, StringComparison.Ordinal))
                    return Told(start, node, from);
                if (from.TryAdd(next, node))
                    queue.Enqueue(next);
            }
        }

        return null;
    }

    private static string? Told(string start, string last, Dictionary<string, string> from)
    {
        List<string> way = [start];
        for (var node = last; !string.Equals(node, start, StringComparison.Ordinal); node = from[node])
            way.Insert(0, node);
        way.Insert(0, start);
        return string.Equals(way.Min(StringComparer.Ordinal), start, StringComparison.Ordinal) ? string.Join(" -> ", way) : null;
    }

    private IEnumerable<string> Witnesses(string circle)
    {
        var way = circle.Split(" -> ");
        return way.Zip(way.Skip(1), (from, to) => uses.First(use => string.Equals(use.From, from, StringComparison.Ordinal)
            && string.Equals(use.To, to, StringComparison.Ordinal)))
            .Select(use => $"[{use.File.At(use.Line)} {use.How}]");
    }

    [GeneratedRegex(@"(?<!(using|namespace)\s+((static|unsafe)\s+)?(\w+\s*=\s*)?)(?<![\w.])(global::)?Cdc\.[A-Z]\w*",
        RegexOptions.ExplicitCapture)]
    private static partial Regex QualifiedName();
}

using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Cdc.Cli.Configuration;

namespace Cdc.Integration.Tests.Configuration;

/// <summary>
/// Writes <c>docs/configuration.md</c> from the keys that the binder asks for and the documentation of the options behind them.
/// </summary>
internal static partial class ConfigurationPage
{
    private const string Head = """
        # Configuration

        One YAML file describes an installation. Every command reads it in the same way. `cdc check FILE` prints all its faults at
        once, each with its line, what was found and what is expected. `examples/` has files to start from. This page is generated
        from the program.

        * **Keys**: an unknown key is a fault. The message names the nearest known key.
        * **Names** of the installation, of sources and of sinks have at most 63 small letters, digits, `_` and `-`. They do not
          begin with `-`.
        * **Values from outside**: `${env:NAME}` is an environment variable. `${file:path}` is the text of a file without its last
          line end (at most 64 KiB).
          * Both work in every value, also in the middle of a text.
          * A reference that is missing or empty is a fault.
          * `$$` is a dollar sign. Any other `$` is itself.
          * In flow style (`{ … }`) put such a value in quotes.
          * Passwords and the values of references are never printed.
        * **Paths** are relative to the configuration file.
        * **Durations** are a whole number and a unit: `20ms`, `10s`, `5m`, `1h`, `1d`; or `0`.
        * **Sizes** are bytes, or a whole number and a unit: `64KB`, `8MB`, `1GB`, `1TB`. Units are powers of 1024, as in
          PostgreSQL's settings. `KiB`, `MiB`, `GiB`, `TiB` mean the same.
        * **Switches** are `true` or `false`.
        * **Patterns**: `*` stands for any characters. `!` before a pattern excludes, and always wins. If all patterns exclude,
          everything else is selected. Put patterns that begin with `*` or `!` in quotes.
        * **Refused**: anchors, aliases, tags, several documents, and files over 1 MiB.

        These settings are known but not available yet, and are refused: `log.kafka`, `registry.url`, sources `mysql` and `mariadb`,
        a source's `columns`, a sink's `tables`, the modes `append` and `history`, deletes `soft`, `ignore` and `rules`.
        """;

    private static readonly Dictionary<string, string> KeysWithoutOptions = new(StringComparer.Ordinal)
    {
        ["registry"] = "The schema registry. The embedded log keeps schemas in its own folder: nothing can be set yet.",
        ["sinks.NAME.mode"] = "What a target table holds. Default and so far the only choice: `merge`, one row per key as in the source.",
        ["sinks.NAME.deletes"] = "What deletes in the source do in the target.",
    };

    public static string Write()
    {
        var keys = new List<KnownKey>();
        Section.Read(new Binding("/", _ => null) { KnownKeys = keys }, new MappingNode(0, []), 0, "", InstallationBinder.Bind);
        var page = new StringBuilder(Head);
        foreach (var group in keys.GroupBy(key => key.Path.LastIndexOf('.') is > 0 and var dot ? key.Path[..dot] : ""))
        {
            page.Append("\n## ").Append(group.Key.Length == 0 ? "The file" : $"`{group.Key}`")
                .Append("\n\n| key | given as | meaning |\n|---|---|---|\n");
            foreach (var key in group)
                page.Append("| `").Append(key.Key).Append("` | ").Append(key.Form.Length == 0 ? "group of keys, below" : key.Form)
                    .Append(" | ").Append(MeaningOf(key)).Append(" |\n");
        }

        return page.ToString();
    }

    private static string MeaningOf(KnownKey key)
    {
        if (KeysWithoutOptions.TryGetValue(key.Path, out var text))
            return text;
        var property = new[] { key.Key, key.Key + "Bytes", key.Key + "File" }
            .Select(name => key.Options.GetProperty(name, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance))
            .FirstOrDefault(found => found is not null);
        Assert.True(property is not null, $"{key.Options} has no property for the key '{key.Path}'.");
        var documents = XDocument.Load(Path.Combine(AppContext.BaseDirectory, key.Options.Assembly.GetName().Name + ".xml"));
        var summary = documents.Descendants("member")
            .FirstOrDefault(member => (string?)member.Attribute("name") == $"P:{key.Options.FullName}.{property.Name}")?.Element("summary");
        Assert.True(summary is not null, $"{key.Options}.{property.Name} has no documentation.");
        return Spaces().Replace(string.Concat(summary.Nodes().Select(TextOf)), " ").Trim();
    }

    private static string TextOf(XNode node) => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{((string)see.Attribute("cref")!).Split('.')[^1]}`",
        XText text => text.Value,
        _ => throw new InvalidOperationException($"The documentation holds '{node}', which the page cannot show."),
    };

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Cdc.Hosting;

namespace Cdc.Cli.Configuration;

/// <summary>
/// A group of keys of the configuration. Every question names a key and what is expected; whatever does not fit is noted as a fault and
/// answered with the default, so that one reading finds everything. Keys that were never asked for are faults too.
/// </summary>
internal sealed partial class Section
{
    private readonly Dictionary<string, MappingEntry> entries;
    private readonly List<string> known = [];
    private readonly List<string> later = [];
    private readonly Type options;

    private Section(Binding binding, MappingNode node, int line, string path, Type options)
    {
        Binding = binding;
        Line = line;
        Path = path;
        this.options = options;
        entries = node.Entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
    }

    public Binding Binding { get; }

    public int Line { get; }

    public string Path { get; }

    /// <summary>Reads a group with the function given, then reports keys that it did not ask for.</summary>
    public static T Read<T>(Binding binding, MappingNode node, int line, string path, Func<Section, T> read)
    {
        var section = new Section(binding, node, line, path, typeof(T));
        var result = read(section);
        section.ReportUnknownKeys(node);
        return result;
    }

    public string Text(string key, string fallback, TextRule? rule = null)
    {
        rule ??= TextRule.Any;
        return Scalar(key, rule.Expected) is { } given && Holds(given, rule) ? given.Value : fallback;
    }

    public string RequiredText(string key, TextRule? rule = null)
    {
        rule ??= TextRule.Any;
        Require(key, rule.Expected);
        return Text(key, "", rule);
    }

    /// <summary>A text that falls back to another name, which then must hold too.</summary>
    public string TextOrName(string key, string name, TextRule rule)
    {
        if (!entries.ContainsKey(key) && !rule.Holds(name) && TextRule.Name.Holds(name))
            Fault(ErrorCodes.KeyMissing, key, $"The name '{name}' cannot stand in for it; expected {rule.Expected}.");
        return Text(key, name, rule);
    }

    public Secret? Secret(string key)
    {
        if (Scalar(key, "a text, best as '${env:NAME}' or '${file:/path}'") is not { } given)
            return null;
        if (given.Value.Contains('\0', StringComparison.Ordinal))
            Fault(ErrorCodes.ValueMalformed, key, "The text holds a zero byte; expected a text without.");
        return new Secret(given.Value);
    }

    public long Whole(string key, long fallback, long least, long most) =>
        Number(key, fallback, least, most, "a whole number", Units.TryWhole, value => FormattableString.Invariant($"{value}"));

    public long Size(string key, long fallback, long least, long most) =>
        Number(key, fallback, least, most, "a size (such as 64KiB or 8MB)", Units.TrySize, Units.Shown);

    public TimeSpan Duration(string key, TimeSpan fallback, TimeSpan least, TimeSpan most) =>
        Number(key, fallback, least, most, "a duration (such as 20ms, 10s or 1h)", Units.TryDuration, Units.Shown);

    /// <summary>A duration or the word <c>forever</c>, which is null.</summary>
    public TimeSpan? DurationOrForever(string key, TimeSpan? fallback, TimeSpan least) =>
        Duration(key, fallback ?? TimeSpan.MaxValue, least, TimeSpan.MaxValue) is var value && value == TimeSpan.MaxValue ? null : value;

    public bool Switch(string key, bool fallback) => Word(key, fallback ? "true" : "false", ["true", "false"]) == "true";

    public T Choice<T>(string key, T fallback)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>().ToDictionary(WordOf, StringComparer.Ordinal);
        return words[Word(key, WordOf(fallback), [.. words.Keys])];
    }

    /// <summary>One of the words; those that come later are refused by that name.</summary>
    public string Word(string key, string fallback, IReadOnlyList<string> words, params string[] later)
    {
        var expected = string.Join(", ", words.SkipLast(1)) + (words.Count > 1 ? " or " : "") + words[^1];
        if (Scalar(key, expected) is not { } given)
            return fallback;
        if (words.Contains(given.Value, StringComparer.Ordinal))
            return given.Value;
        if (later.Contains(given.Value, StringComparer.Ordinal))
            Fault(ErrorCodes.SettingComesLater, key, $"'{given.Shown}' is not available yet; expected {expected}.");
        else
            Fault(ErrorCodes.ValueMalformed, key, $"'{given.Shown}' is not known{Suggest(given.Shown, words)}; expected {expected}.");
        return fallback;
    }

    /// <summary>A path, made absolute; relative ones are relative to the configuration file.</summary>
    public string? PathText(string key) => Scalar(key, "a path") is { } given && Holds(given, TextRule.Any) ? Absolute(given.Value) : null;

    public string RequiredPath(string key)
    {
        Require(key, "a path");
        return PathText(key) ?? "";
    }

    /// <summary>A path of a file that is there.</summary>
    public string? ExistingFile(string key)
    {
        var path = PathText(key);
        if (path is not null && !File.Exists(path))
            Fault(ErrorCodes.FileMissing, key, $"The file '{SettingPath.Shown(path)}' does not exist; expected one that can be read.");
        return path;
    }

    public IReadOnlyList<string> Texts(string key, TextRule rule)
    {
        Know(key, "a list of: " + rule.Expected);
        if (!entries.TryGetValue(key, out var entry) || entry.Value is RefusedNode)
            return [];
        if (entry.Value is not SequenceNode list)
        {
            Fault(ErrorCodes.ValueMalformed, key, $"There is {entry.Value.Sort}; expected a list, each item {rule.Expected}.");
            return [];
        }

        var texts = new List<string>();
        foreach (var (index, item) in list.Items.Index())
        {
            var path = SettingPath.Item(SettingPath.Key(Path, key), index);
            if (Resolve(item, path, rule.Expected) is not { } given || !Holds(given, rule))
                continue;
            if (texts.Contains(given.Value, StringComparer.Ordinal))
                Binding.Fault(ErrorCodes.KeyRepeated, item.Line, path, $"'{given.Shown}' is in the list already; expected once.");
            texts.Add(given.Value);
        }

        return texts;
    }

    /// <summary>A group below this one; an absent one is read as empty, so its defaults hold and its required keys are missing.</summary>
    public T Group<T>(string key, Func<Section, T> read)
    {
        Know(key, "");
        var mapping = Mapping(entries.GetValueOrDefault(key));
        var faults = Binding.Faults.Count;
        var result = Read(Binding, mapping ?? new MappingNode(LineOf(key), []), LineOf(key), SettingPath.Key(Path, key), read);
        if (mapping is null && entries.ContainsKey(key))
            Binding.Faults.RemoveRange(faults, Binding.Faults.Count - faults); // The one fault is that this is no group.
        return result;
    }

    /// <summary>A group below this one; null where it is absent.</summary>
    public T? OptionalGroup<T>(string key, Func<Section, T> read)
        where T : class
    {
        if (entries.ContainsKey(key) || Binding.KnownKeys is not null)
            return Group(key, read);
        known.Add(key);
        return null;
    }

    /// <summary>Groups by names that the user chooses.</summary>
    public IReadOnlyList<T> Named<T>(string key, Func<string, Section, T> read)
    {
        Know(key, "groups of keys by name");
        var path = SettingPath.Key(Path, key);
        if (Binding.KnownKeys is not null)
            return [Read(Binding, new MappingNode(0, []), 0, path + ".NAME", section => read("NAME", section))];
        if (!entries.TryGetValue(key, out var outer) || Mapping(outer) is not { } mapping)
            return [];
        var results = new List<T>();
        foreach (var entry in mapping.Entries)
        {
            var entryPath = SettingPath.Key(path, entry.Key);
            if (!TextRule.Name.Holds(entry.Key))
            {
                Binding.Fault(ErrorCodes.ValueMalformed, entry.Line, entryPath,
                    $"'{SettingPath.Shown(entry.Key)}' is not a name; expected {TextRule.Name.Expected}.");
            }

            if (Mapping(entry, path) is { } node)
                results.Add(Read(Binding, node, entry.Line, entryPath, section => read(entry.Key, section)));
        }

        return results;
    }

    /// <summary>A number for everything, or numbers by pattern in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> NumbersByPattern(string key, int least, int most)
    {
        if (!entries.TryGetValue(key, out var outer) || outer.Value is not MappingNode mapping)
        {
            var number = Whole(key, 0, least, most);
            return number == 0 ? [] : [new("*", (int)number)];
        }

        Know(key, "");
        return Read(Binding, mapping, outer.Line, SettingPath.Key(Path, key), section => section.AllNumbers(mapping, least, most));
    }

    /// <summary>A key that this version does not have yet, refused by name.</summary>
    public void ComesLater(string key, string what)
    {
        if (!entries.ContainsKey(key))
            return;
        later.Add(key);
        Fault(ErrorCodes.SettingComesLater, key, $"{what} not available yet; leave this key out.");
    }

    public bool Has(string key) => entries.ContainsKey(key);

    /// <summary>A fault at a key, or at the group's own line where the key is absent.</summary>
    public void Fault(ErrorCode code, string key, string message) => Binding.Fault(code, LineOf(key), SettingPath.Key(Path, key), message);

    public void Claim(string what, string value, string key) => Binding.Claim(what, value, SettingPath.Key(Path, key), LineOf(key));

    private static string WordOf<T>(T value)
        where T : struct, Enum =>
        string.Concat(value.ToString()
            .Select((c, at) => char.IsUpper(c) && at > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}

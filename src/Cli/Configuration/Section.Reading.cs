using Cdc.Contracts.Errors;
using Cdc.Hosting;

namespace Cdc.Cli.Configuration;

/// <content>How one value is taken from its node, checked, and complained about.</content>
internal sealed partial class Section
{
    private delegate bool NumberReader<T>(string text, out T value);

    private T Number<T>(string key, T fallback, T least, T most, string what, NumberReader<T> read, Func<T, string> show)
        where T : IComparable<T>
    {
        var expected = $"{what} from {show(least)} to {show(most)}";
        if (Scalar(key, expected) is not { } given)
            return fallback;
        if (!read(given.Value, out var value))
            Fault(ErrorCodes.ValueMalformed, key, $"'{given.Shown}' is another form; expected {expected}.");
        else if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            Fault(ErrorCodes.ValueOutOfRange, key, $"'{given.Shown}' is out of range; expected {expected}.");
        else
            return value;
        return fallback;
    }

    private List<KeyValuePair<string, int>> AllNumbers(MappingNode mapping, int least, int most)
    {
        var numbers = new List<KeyValuePair<string, int>>();
        foreach (var pattern in mapping.Entries.Select(entry => entry.Key))
        {
            if (!TextRule.TopicPattern.Holds(pattern) || pattern.StartsWith('!'))
                Fault(ErrorCodes.ValueMalformed, pattern, "This key is not a pattern; expected a topic's name, '*' for any characters.");
            if (numbers.Exists(earlier => earlier.Key == "*"))
                Fault(ErrorCodes.SettingsConflict, pattern, "The pattern '*' stands before and matches everything; expected it last.");
            numbers.Add(new(pattern, (int)Whole(pattern, least, least, most)));
        }

        return numbers;
    }

    private Given? Scalar(string key, string expected)
    {
        Know(key, expected);
        return entries.TryGetValue(key, out var entry) ? Resolve(entry.Value, SettingPath.Key(Path, key), expected) : null;
    }

    private Given? Resolve(Node node, string path, string expected)
    {
        if (node is RefusedNode)
            return null;
        if (node is not ScalarNode { IsNothing: false } scalar)
        {
            Binding.Fault(ErrorCodes.ValueMalformed, node.Line, path, $"There is {node.Sort}; expected {expected}.");
            return null;
        }

        var value = Binding.References.Resolve(scalar.Text, out var fault);
        if (value is null)
        {
            Binding.Fault(fault.Code, node.Line, path, fault.Message);
            return null;
        }

        // Shown is what the file says, never what was put in for it (Invariant 8).
        return new Given(SettingPath.Shown(scalar.Text), value, path, node.Line);
    }

    private bool Holds(Given given, TextRule rule)
    {
        var holds = rule.Holds(given.Value);
        if (!holds)
            Binding.Fault(ErrorCodes.ValueMalformed, given.Line, given.Path, $"'{given.Shown}' does not fit; expected {rule.Expected}.");
        return holds;
    }

    private MappingNode? Mapping(MappingEntry? entry, string? path = null)
    {
        if (entry is null or { Value: MappingNode })
            return (MappingNode?)entry?.Value;
        if (entry.Value is RefusedNode)
            return null;
        Binding.Fault(ErrorCodes.ValueMalformed, entry.Value.Line, SettingPath.Key(path ?? Path, entry.Key),
            $"There is {entry.Value.Sort}; expected a group of keys.");
        return null;
    }

    private void Require(string key, string expected)
    {
        if (!entries.ContainsKey(key))
            Fault(ErrorCodes.KeyMissing, key, $"It is missing; expected {expected}.");
    }

    private void Know(string key, string form)
    {
        if (known.Contains(key, StringComparer.Ordinal))
            return;
        known.Add(key);
        Binding.KnownKeys?.Add(new KnownKey(SettingPath.Key(Path, key), key, options, form));
    }

    private void ReportUnknownKeys(MappingNode node)
    {
        foreach (var entry in node.Entries.Where(entry => !known.Contains(entry.Key) && !later.Contains(entry.Key)))
        {
            var expected = known.Count == 0 ? "no keys" : known.Count == 1 ? $"'{known[0]}'" : "one of " + string.Join(", ", known);
            Binding.Fault(ErrorCodes.KeyUnknown, entry.Line, SettingPath.Key(Path, entry.Key),
                $"This key is not known here{Suggest(entry.Key, known)}; expected {expected}.");
        }
    }

    private static string Suggest(string given, IReadOnlyList<string> names) =>
        NearestName.Find(given, names) is { } nearest ? $", did you mean '{nearest}'" : "";

    private string Absolute(string path) => System.IO.Path.GetFullPath(path, Binding.Folder);

    private int LineOf(string key) => entries.TryGetValue(key, out var entry) ? entry.Line : Line;

    /// <summary>A value of the file: as it is written there, which may be shown, and as it is meant, which may be secret.</summary>
    private readonly struct Given(string shown, string value, string path, int line)
    {
        public string Shown { get; } = shown;

        public string Value { get; } = value;

        public string Path { get; } = path;

        public int Line { get; } = line;
    }
}

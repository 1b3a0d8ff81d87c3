using Cdc.Contracts.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cdc.Cli.Configuration;

/// <summary>
/// Reads YAML into nodes that know their lines. It is built from the parser's events, not from YamlDotNet's own nodes: those expand
/// aliases, recurse as deep as the input says and end at the first repeated key. Input is hostile: depth is bounded, anchors and aliases
/// are refused.
/// </summary>
internal sealed class YamlTree
{
    public const int MaxDepth = 16;

    private readonly Parser parser;
    private readonly ICollection<Fault> faults;

    private YamlTree(string text, ICollection<Fault> faults)
    {
        parser = new Parser(new StringReader(text));
        this.faults = faults;
    }

    /// <summary>The document's outermost node; null where it is empty or cannot be read, which is then a fault.</summary>
    public static Node? Read(string text, ICollection<Fault> faults)
    {
        var tree = new YamlTree(text, faults);
        try
        {
            return tree.ReadDocument();
        }
        catch (YamlException exception)
        {
            faults.Add(new Fault(ErrorCodes.ConfigurationSyntaxInvalid, (int)exception.Start.Line, "",
                $"This is not valid YAML at column {exception.Start.Column}: {exception.Message.TrimEnd('.')}."));
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // YamlDotNet's scanner ends in these, too, on some broken texts.
            faults.Add(new Fault(ErrorCodes.ConfigurationSyntaxInvalid, (int)(tree.parser.Current?.End.Line ?? 1), "",
                "This is not valid YAML after here."));
            return null;
        }
    }

    private Node? ReadDocument()
    {
        parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out _))
            return null;
        parser.Consume<DocumentStart>();
        var root = ReadNode("", 0);
        parser.Consume<DocumentEnd>();
        if (!parser.Accept<StreamEnd>(out _))
            Refuse(parser.Current!, "", "A second document starts here; expected one document.");
        return root;
    }

    private Node ReadNode(string path, int depth)
    {
        var start = parser.Consume<ParsingEvent>();
        if (depth > MaxDepth)
            throw new YamlException(start.Start, start.End, $"Values are nested deeper than {MaxDepth} levels.");
        if (start is AnchorAlias)
        {
            Refuse(start, path, "This starts with '*', which YAML reads as an alias; expected a value, patterns in quotes.");
            return new RefusedNode(LineOf(start));
        }

        if (start is not NodeEvent node)
            throw new YamlException(start.Start, start.End, "A key or a value is missing.");
        if (!node.Anchor.IsEmpty)
            Refuse(start, path, "This starts with '&', which YAML reads as an anchor; expected a value, written out or in quotes.");
        if (!node.Tag.IsEmpty)
            Refuse(start, path, "This starts with '!', which YAML reads as a tag; expected a value, patterns in quotes.");
        return start switch
        {
            Scalar when !node.Tag.IsEmpty => new RefusedNode(LineOf(start)),
            Scalar scalar => new ScalarNode(LineOf(start), scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadSequence(start, path, depth),
            _ => ReadMapping(start, path, depth),
        };
    }

    private SequenceNode ReadSequence(ParsingEvent start, string path, int depth)
    {
        var items = new List<Node>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode(SettingPath.Item(path, items.Count), depth + 1));
        return new SequenceNode(LineOf(start), items);
    }

    private MappingNode ReadMapping(ParsingEvent start, string path, int depth)
    {
        var entries = new List<MappingEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (ReadNode(path, depth + 1) is not ScalarNode key)
            {
                Refuse(parser.Current!, path, "A key is itself a list or a group; expected a name.");
                ReadNode(path, depth + 1);
                continue;
            }

            var keyPath = SettingPath.Key(path, key.Text);
            var value = ReadNode(keyPath, depth + 1);
            if (lines.TryAdd(key.Text, key.Line))
                entries.Add(new MappingEntry(key.Text, key.Line, value));
            else
                faults.Add(new Fault(ErrorCodes.KeyRepeated, key.Line, keyPath,
                    $"This key is given in line {lines[key.Text]} already; expected once."));
        }

        return new MappingNode(LineOf(start), entries);
    }

    private void Refuse(ParsingEvent at, string path, string message) =>
        faults.Add(new Fault(ErrorCodes.ConfigurationSyntaxRefused, LineOf(at), path, message));

    private static int LineOf(ParsingEvent at) => (int)at.Start.Line;
}

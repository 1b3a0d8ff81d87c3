namespace Cdc.Cli.Configuration;

/// <summary>A piece of a YAML document that knows its line.</summary>
internal abstract class Node(int line)
{
    /// <summary>Counted from 1.</summary>
    public int Line { get; } = line;

    /// <summary>What it is, for messages.</summary>
    public abstract string Sort { get; }
}

internal sealed class ScalarNode(int line, string text, bool plain) : Node(line)
{
    public string Text { get; } = text;

    /// <summary>Nothing is written, or YAML's word for it.</summary>
    public bool IsNothing => plain && Text is "" or "~" or "null";

    public override string Sort => IsNothing ? "nothing" : "a single value";
}

/// <summary>What was complained about already and has no value.</summary>
internal sealed class RefusedNode(int line) : Node(line)
{
    public override string Sort => "a part of YAML that is refused";
}

internal sealed class SequenceNode(int line, IReadOnlyList<Node> items) : Node(line)
{
    public IReadOnlyList<Node> Items { get; } = items;

    public override string Sort => "a list";
}

internal sealed class MappingNode(int line, IReadOnlyList<MappingEntry> entries) : Node(line)
{
    public IReadOnlyList<MappingEntry> Entries { get; } = entries;

    public override string Sort => "a group of keys";
}

internal sealed record MappingEntry(string Key, int Line, Node Value);

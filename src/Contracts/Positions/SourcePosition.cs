namespace Cdc.Contracts.Positions;

/// <summary>
/// Where a source can be resumed. Opaque text that only the source which made it interprets; positions are never compared by anyone else.
/// </summary>
public readonly record struct SourcePosition
{
    private readonly string? text;

    private SourcePosition(string text) => this.text = text;

    public bool IsNone => text is null;

    /// <summary>Takes the text a source wrote. Throws where it is empty.</summary>
    public static SourcePosition Parse(string text) =>
        TryParse(text, out var position) ? position : throw new FormatException("A source position is a text that is not empty.");

    public static bool TryParse(string? text, out SourcePosition position)
    {
        position = string.IsNullOrWhiteSpace(text) ? default : new SourcePosition(text);
        return !position.IsNone;
    }

    public override string ToString() => text ?? "";
}

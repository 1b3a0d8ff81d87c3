namespace Cdc.Contracts.Security;

/// <summary>A text that must not be shown (Invariant 8): printing it gives stars, only <see cref="Reveal"/> gives the text.</summary>
public sealed class Secret(string text) : IEquatable<Secret>
{
    private readonly string text = text;

    /// <summary>The text itself, for the one place that hands it to the other side.</summary>
    public string Reveal() => text;

    public bool Equals(Secret? other) => other is not null && string.Equals(text, other.text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(text);

    public override string ToString() => "***";
}

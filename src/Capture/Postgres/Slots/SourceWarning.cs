namespace Cdc.Capture.Postgres.Slots;

/// <summary>Something that a source's settings keep from the target, though nothing fails.</summary>
/// <param name="Text">What it is; no full stop.</param>
/// <param name="Remedy">The statement or setting that mends it; empty where it is as somebody wanted it.</param>
public sealed record SourceWarning(string Text, string Remedy = "")
{
    public override string ToString() => Remedy.Length == 0 ? $"{Text}." : $"{Text} ({Remedy}).";
}

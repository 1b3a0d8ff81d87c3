using System.Globalization;
using Cdc.Capture.Reading;

namespace Cdc.Testing.Scripted;

/// <summary>A table of the script is its number and its name.</summary>
public sealed record ScriptedFingerprint(uint Number, string Name) : ITableFingerprint
{
    public bool HasKey => true;

    public bool IsIdentified => true;

    public static ScriptedFingerprint Parse(string text) => text.Split(' ', 2) is var parts
        ? new ScriptedFingerprint(uint.Parse(parts[0], CultureInfo.InvariantCulture), parts[1])
        : throw new FormatException();

    public bool HasPart(uint number) => number == Number;

    public LookDifference Compare(ITableFingerprint now) =>
        now.Number == Number ? LookDifference.None : new LookDifference(LookVerdict.Gap, "name is another table's");

    public ITableFingerprint KeepPartsOf(ITableFingerprint known) => this;

    public bool CanOnlyMove(uint file) => true;

    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Number} {Name}");
}

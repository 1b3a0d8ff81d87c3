using System.Globalization;
using System.Text;

namespace Cdc.Cli.Configuration;

/// <summary>A configuration file with everything that is wrong in it.</summary>
internal sealed class ConfigurationException(string file, IReadOnlyList<Fault> faults)
    : Exception($"The configuration '{file}' has {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}.")
{
    private const int MostShown = 100;
    private const int WidestPath = 48;

    public string File { get; } = file;

    public IReadOnlyList<Fault> Faults { get; } = faults;

    /// <summary>One aligned line a fault: <c>file:line: path: message (code)</c>.</summary>
    public string Describe()
    {
        var shown = Faults.Take(MostShown).Select(fault => (Place: PlaceOf(fault), Path: PathOf(fault), Fault: fault)).ToList();
        var placeWidth = shown.Max(row => row.Place.Length);
        var pathWidth = Math.Min(WidestPath, shown.Max(row => row.Path.Length));
        var text = new StringBuilder();
        foreach (var (place, path, fault) in shown)
            text.Append(place.PadRight(placeWidth)).Append(' ').Append(path.PadRight(pathWidth)).Append(pathWidth == 0 ? "" : " ")
                .Append(fault.Message).Append(" (").Append(fault.Code).Append(")\n");
        if (Faults.Count > MostShown)
            text.Append(CultureInfo.InvariantCulture, $"... and {Faults.Count - MostShown} more.\n");
        return text.ToString();
    }

    private string PlaceOf(Fault fault) => fault.Line == 0 ? $"{File}:"
        : string.Create(CultureInfo.InvariantCulture, $"{File}:{fault.Line}:");

    private static string PathOf(Fault fault) => fault.Path.Length == 0 ? "" : fault.Path + ":";
}

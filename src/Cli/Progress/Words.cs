using System.Globalization;

namespace Cdc.Cli.Progress;

/// <summary>Numbers and states as people read them.</summary>
internal static class Words
{
    private const string Unknown = "-";

    public static string Of<T>(T state)
        where T : struct, Enum => state.ToString().ToLowerInvariant();

    public static string Of(DateTimeOffset? time) => time?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? Unknown;

    public static string Count(double? value) => value is { } number ? number.ToString("#,0", CultureInfo.InvariantCulture) : Unknown;

    public static string Bytes(long? value)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        if (value is not { } number)
            return Unknown;
        var unit = 0;
        double size = number;
        for (; size >= 1024 && unit < units.Length - 1; unit++)
            size /= 1024;
        return size.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    public static string Seconds(double? value) => value switch
    {
        null => Unknown,
        < 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 120 => value.Value.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 7_200 => (value.Value / 60).ToString("0", CultureInfo.InvariantCulture) + " min",
        < 172_800 => (value.Value / 3_600).ToString("0.0", CultureInfo.InvariantCulture) + " h",
        _ => (value.Value / 86_400).ToString("0.0", CultureInfo.InvariantCulture) + " days",
    };
}

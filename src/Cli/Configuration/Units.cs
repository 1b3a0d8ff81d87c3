using System.Globalization;

namespace Cdc.Cli.Configuration;

/// <summary>
/// Numbers with units. Durations: a whole number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>. Sizes: a whole number, alone
/// (bytes) or with <c>B</c>, <c>KB</c>, <c>MB</c>, <c>GB</c>, <c>TB</c>, which are powers of 1024 as in PostgreSQL's settings; <c>KiB</c>,
/// <c>MiB</c>, <c>GiB</c>, <c>TiB</c> mean the same.
/// </summary>
internal static class Units
{
    public static bool TryWhole(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary><c>forever</c> is the longest there is.</summary>
    public static bool TryDuration(string text, out TimeSpan value)
    {
        value = text == "forever" ? TimeSpan.MaxValue : TimeSpan.Zero;
        if (text is "0" or "forever")
            return true;
        var (number, unit) = Split(text);
        var ticks = unit switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            "d" => TimeSpan.TicksPerDay,
            _ => 0,
        };
        if (ticks == 0 || !TryProduct(number, ticks, out var total))
            return false;
        value = TimeSpan.FromTicks(total);
        return true;
    }

    public static bool TrySize(string text, out long value)
    {
        value = 0;
        var (number, unit) = Split(text);
        var bytes = unit switch
        {
            "" or "B" => 1L,
            "KB" or "KiB" => 1L << 10,
            "MB" or "MiB" => 1L << 20,
            "GB" or "GiB" => 1L << 30,
            "TB" or "TiB" => 1L << 40,
            _ => 0,
        };
        return bytes != 0 && TryProduct(number, bytes, out value);
    }

    public static string Shown(TimeSpan value) => value switch
    {
        _ when value == TimeSpan.Zero => "0",
        _ when value == TimeSpan.MaxValue => "forever",
        _ when value.Ticks % TimeSpan.TicksPerDay == 0 => Number(value.Ticks / TimeSpan.TicksPerDay) + "d",
        _ when value.Ticks % TimeSpan.TicksPerHour == 0 => Number(value.Ticks / TimeSpan.TicksPerHour) + "h",
        _ when value.Ticks % TimeSpan.TicksPerMinute == 0 => Number(value.Ticks / TimeSpan.TicksPerMinute) + "m",
        _ when value.Ticks % TimeSpan.TicksPerSecond == 0 => Number(value.Ticks / TimeSpan.TicksPerSecond) + "s",
        _ => Number(value.Ticks / TimeSpan.TicksPerMillisecond) + "ms",
    };

    public static string Shown(long bytes)
    {
        string[] units = ["", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        for (; bytes != 0 && bytes % 1024 == 0 && unit < units.Length - 1; unit++)
            bytes /= 1024;
        return Number(bytes) + units[unit];
    }

    private static (string Number, string Unit) Split(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        return (text[..digits], text[digits..].TrimStart(' '));
    }

    private static bool TryProduct(string number, long factor, out long product)
    {
        product = 0;
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > long.MaxValue / factor)
            return false;
        product = count * factor;
        return true;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace Cdc.Cli.Topics;

/// <summary>
/// Dates and times as ISO-8601 text, in any year that a database has: of four digits, or more after a sign; the year before 1 is 0. As
/// events write timestamps that have a zone.
/// </summary>
internal static class CalendarText
{
    private const long Second = 1_000_000;
    private const long Day = 86_400 * Second;
    private const long DaysOfEra = 146_097; // 400 years.
    private const long DaysBefore1970 = 719_468; // Since 0000-03-01, for leap days to come last in their year.

    /// <param name="days">Since 1970.</param>
    public static string Date(long days)
    {
        var shifted = days + DaysBefore1970;
        var era = Math.DivRem(shifted, DaysOfEra, out var dayOfEra);
        if (dayOfEra < 0)
            (era, dayOfEra) = (era - 1, dayOfEra + DaysOfEra);
        var yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var month = (5 * dayOfYear + 2) / 153;
        var day = dayOfYear - (153 * month + 2) / 5 + 1;
        var year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0);
        return string.Create(CultureInfo.InvariantCulture, $"{Year(year)}-{(month + 2) % 12 + 1:00}-{day:00}");
    }

    /// <param name="microseconds">Since midnight; a whole day is 24:00.</param>
    /// <param name="digits">Of a second's fraction.</param>
    public static string Time(long microseconds, int digits)
    {
        var seconds = microseconds / Second;
        var text = string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        return digits == 0 ? text
            : $"{text}.{(microseconds % Second).ToString("000000", CultureInfo.InvariantCulture).AsSpan(0, Math.Min(digits, 6))}";
    }

    /// <param name="microseconds">Since 1970.</param>
    /// <param name="digits">Of a second's fraction.</param>
    public static string Timestamp(long microseconds, int digits)
    {
        var days = Math.DivRem(microseconds, Day, out var time);
        return time < 0 ? $"{Date(days - 1)}T{Time(time + Day, digits)}" : $"{Date(days)}T{Time(time, digits)}";
    }

    private static string Year(long year) => year switch
    {
        < 0 => string.Create(CultureInfo.InvariantCulture, $"-{-year:0000}"),
        > 9999 => string.Create(CultureInfo.InvariantCulture, $"+{year}"),
        _ => year.ToString("0000", CultureInfo.InvariantCulture),
    };
}

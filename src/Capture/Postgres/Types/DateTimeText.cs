namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// Dates and times as the server prints them under <c>DateStyle</c> ISO: <c>YYYY-MM-DD</c> with four to seven digits of year, <c>HH:MM:SS</c>
/// with up to six of fraction, and <c> BC</c> at the very end. Every field is checked; a method answers false for anything else.
/// </summary>
internal static class DateTimeText
{
    public const long MicrosecondsPerDay = 86_400_000_000;

    /// <summary>The last year the server knows; its days still fit 32 bits.</summary>
    private const ulong LastYear = 5_874_897;

    public static ReadOnlySpan<byte> Infinity => "infinity"u8;

    public static ReadOnlySpan<byte> NegativeInfinity => "-infinity"u8;

    /// <summary>Takes <c> BC</c> off the end.</summary>
    public static bool TrimBeforeChrist(ref ReadOnlySpan<byte> source)
    {
        if (!source.EndsWith(" BC"u8))
            return false;
        source = source[..^3];
        return true;
    }

    /// <summary>Days since 1970-01-01 of the date at the beginning, and how many bytes it takes.</summary>
    /// <param name="beforeChrist">The year is one before Christ: year 1 is the astronomical year 0.</param>
    public static bool TryReadDate(ReadOnlySpan<byte> source, bool beforeChrist, out int days, out int length)
    {
        const int mostYearDigits = 7;
        days = 0;
        length = 0;
        if (source.Length < 10)
            return false;
        var yearDigits = source[4] == '-' ? 4 : source.IndexOf((byte)'-');
        ulong yearText = 0;
        if (yearDigits is < 4 or > mostYearDigits
            || source.Length < yearDigits + 6
            || !SourceText.TryAppendDigits(source[..yearDigits], ref yearText)
            || yearText is 0 or > LastYear)
            return false;
        var month = SourceText.TwoDigits(source, yearDigits + 1);
        var day = SourceText.TwoDigits(source, yearDigits + 4);
        var year = beforeChrist ? 1 - (int)yearText : (int)yearText;
        if (source[yearDigits + 3] != '-' || month is 0 or > 12 || day == 0 || day > DaysOf(year, month))
            return false;
        days = DaysSince1970(year, (int)month, (int)day);
        length = yearDigits + 6;
        return true;
    }

    /// <summary>Microseconds since midnight of the time at the beginning (24:00:00 is a whole day), how many bytes it takes, and its digits of fraction.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> source, out long microseconds, out int length, out int digits)
    {
        const int withoutFraction = 8;
        microseconds = 0;
        length = withoutFraction;
        digits = 0;
        if (source.Length < withoutFraction || source[2] != ':' || source[5] != ':')
            return false;
        var hour = SourceText.TwoDigits(source, 0);
        var minute = SourceText.TwoDigits(source, 3);
        var second = SourceText.TwoDigits(source, 6);
        if (hour > 24 || minute > 59 || second > 59)
            return false;
        microseconds = (hour * 3600L + minute * 60L + second) * 1_000_000;
        if (source.Length > withoutFraction && source[withoutFraction] == '.')
        {
            if (!TryReadFraction(source[(withoutFraction + 1)..], out var fraction, out digits))
                return false;
            microseconds += fraction;
            length += 1 + digits;
        }

        return microseconds <= MicrosecondsPerDay;
    }

    private static bool TryReadFraction(ReadOnlySpan<byte> source, out int microseconds, out int digits)
    {
        const int mostDigits = 6;
        microseconds = 0;
        digits = 0;
        while (digits < source.Length && (uint)(source[digits] - '0') <= 9)
        {
            if (digits == mostDigits)
                return false;
            microseconds = microseconds * 10 + (source[digits++] - '0');
        }

        for (var i = digits; i < mostDigits; i++)
            microseconds *= 10;
        return digits > 0;
    }

    /// <summary>The proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March.</summary>
    private static int DaysSince1970(int year, int month, int day)
    {
        const int daysPerEra = 146_097;
        const int daysTo1970 = 719_468;
        var shifted = month <= 2 ? year - 1 : year;
        var era = (shifted >= 0 ? shifted : shifted - 399) / 400;
        var yearOfEra = shifted - era * 400;
        var dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - daysTo1970;
    }

    private static uint DaysOf(int year, uint month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29u : 28u,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };
}

namespace Cdc.Sink.Writers.DuckDb.Types;

/// <summary>
/// ISO-8601 timestamps with an offset, as events carry them: astronomical year of four digits, or more after a sign; up to nine
/// fractional digits, of which only six may differ from 0; <c>Z</c> or <c>±hh:mm</c>; or <c>infinity</c>.
/// </summary>
internal static class IsoTimestamp
{
    /// <summary>What DuckDB takes for infinity; its opposite is minus infinity.</summary>
    public const long Infinity = long.MaxValue;

    /// <summary>-290308-12-22 00:00:00 (BC), the first moment DuckDB has, and the last before infinity.</summary>
    public const long Min = -9223372022400000000;

    public const long Max = long.MaxValue - 1;

    private const long Second = 1_000_000;

    public static bool TryParse(ReadOnlySpan<byte> text, out long microseconds)
    {
        if (text.SequenceEqual("infinity"u8) || text.SequenceEqual("-infinity"u8))
        {
            microseconds = text[0] == '-' ? -Infinity : Infinity;
            return true;
        }

        microseconds = 0;
        var at = 0;
        return TryReadDate(text, ref at, out var days)
            && TryReadTime(text, ref at, out var time)
            && TryReadOffset(text, ref at, out var offset)
            && at == text.Length
            && TryJoin(days, time - offset, out microseconds);
    }

    private static bool TryJoin(long days, long time, out long microseconds)
    {
        var whole = (Int128)days * (86_400 * Second) + time;
        microseconds = unchecked((long)whole);
        return whole >= Min && whole <= Max;
    }

    private static bool TryReadDate(ReadOnlySpan<byte> text, ref int at, out long days)
    {
        days = 0;
        var negative = at < text.Length && text[at] == '-';
        if (negative || (at < text.Length && text[at] == '+'))
            at++;
        var start = at;
        var year = 0;
        while (at < text.Length && at - start < 6 && IsDigit(text[at]))
            year = year * 10 + (text[at++] - '0');
        if (at - start < 4
            || !TryRead(text, ref at, '-', out var month) || month is < 1 or > 12
            || !TryRead(text, ref at, '-', out var day) || day < 1 || day > 31)
            return false;
        var signed = negative ? -year : year;
        days = DaysSince1970(signed, month, day);
        return day <= DaysIn(signed, month);
    }

    private static bool TryReadTime(ReadOnlySpan<byte> text, ref int at, out long microseconds)
    {
        microseconds = 0;
        if (!TryRead(text, ref at, 'T', out var hour) || hour > 24
            || !TryRead(text, ref at, ':', out var minute) || minute > 59)
            return false;
        var second = 0;
        if (at < text.Length && text[at] == ':' && (!TryRead(text, ref at, ':', out second) || second > 59))
            return false;
        var fraction = 0L;
        if (at < text.Length && text[at] == '.' && !TryReadFraction(text, ref at, out fraction))
            return false;
        microseconds = ((hour * 60L + minute) * 60 + second) * Second + fraction;
        return microseconds <= 86_400 * Second;
    }

    private static bool TryReadFraction(ReadOnlySpan<byte> text, ref int at, out long microseconds)
    {
        microseconds = 0;
        var start = ++at;
        var unit = Second / 10;
        for (; at < text.Length && IsDigit(text[at]); at++, unit /= 10)
        {
            if (unit == 0 && text[at] != '0')
                return false; // Invariant 4: nothing is rounded.
            microseconds += (text[at] - '0') * unit;
        }

        return at - start is > 0 and <= 9;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> text, ref int at, out long microseconds)
    {
        microseconds = 0;
        if (at == text.Length)
            return false;
        var sign = text[at];
        if (sign == 'Z')
        {
            at++;
            return true;
        }

        if (sign is not ((byte)'+' or (byte)'-')
            || !TryRead(text, ref at, (char)sign, out var hours) || hours > 18
            || !TryRead(text, ref at, ':', out var minutes) || minutes > 59)
            return false;
        microseconds = (hours * 60L + minutes) * 60 * Second * (sign == '-' ? -1 : 1);
        return true;
    }

    /// <summary>A separator and two digits.</summary>
    private static bool TryRead(ReadOnlySpan<byte> text, ref int at, char separator, out int number)
    {
        number = 0;
        if (text.Length - at < 3 || text[at] != separator || !IsDigit(text[at + 1]) || !IsDigit(text[at + 2]))
            return false;
        number = (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
        at += 3;
        return true;
    }

    private static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';

    private static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Counted in years that begin in March and eras of 400 years, so that the leap day is a year's last.</summary>
    private static long DaysSince1970(int year, int month, int day)
    {
        const int eraDays = 146_097;
        const int marchOfYear0To1970 = 719_468;
        long shifted = month <= 2 ? year - 1 : year;
        var era = Math.DivRem(shifted >= 0 ? shifted : shifted - 399, 400).Quotient;
        var yearOfEra = shifted - era * 400;
        var dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        var dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * eraDays + dayOfEra - marchOfYear0To1970;
    }
}

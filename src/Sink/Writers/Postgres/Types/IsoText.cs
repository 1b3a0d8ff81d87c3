namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>
/// Reads ISO-8601 text of dates, times and durations from its front. Where a part cannot be read, the answer is no and the place undefined.
/// </summary>
internal ref struct IsoText(ReadOnlySpan<byte> text)
{
    private const int MinYear = -4713;
    private const int MaxYear = 294_276;

    private ReadOnlySpan<byte> rest = text;

    public readonly bool IsAtEnd => rest.IsEmpty;

    public bool Skip(ReadOnlySpan<byte> expected)
    {
        if (!rest.StartsWith(expected))
            return false;
        rest = rest[expected.Length..];
        return true;
    }

    /// <summary>A date with the astronomical year (0 is 1 BC), as days since 2000-01-01.</summary>
    public bool TryReadDate(out long days)
    {
        days = 0;
        var negative = Skip("-"u8);
        if (!negative)
            Skip("+"u8);
        if (!TryReadNumber(4, 6, out var year) || !Skip("-"u8) || !TryReadNumber(2, 2, out var month) || !Skip("-"u8)
            || !TryReadNumber(2, 2, out var day))
            return false;
        var signed = negative ? -year : year;
        if (signed is < MinYear or > MaxYear || month is < 1 or > 12 || day < 1 || day > DaysIn(signed, (int)month))
            return false;
        days = DaysBefore(signed, (int)month) + day - 1;
        return true;
    }

    /// <summary>A time of day up to 24:00, as microseconds; seconds may have a fraction, whose digits beyond the sixth must be 0.</summary>
    public bool TryReadTime(out long microseconds)
    {
        microseconds = 0;
        if (!TryReadNumber(2, 2, out var hours) || !Skip(":"u8) || !TryReadNumber(2, 2, out var minutes) || !Skip(":"u8)
            || !TryReadNumber(2, 2, out var seconds) || !TryReadFraction(out var fraction))
            return false;
        microseconds = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction;
        return minutes < 60 && seconds < 60 && microseconds <= TimeUnits.DayMicroseconds;
    }

    /// <summary><c>Z</c>, or hours, minutes and seconds east of UTC, as seconds.</summary>
    public bool TryReadOffset(out int seconds)
    {
        seconds = 0;
        if (Skip("Z"u8))
            return true;
        var negative = Skip("-"u8);
        if ((!negative && !Skip("+"u8)) || !TryReadNumber(2, 2, out var hours))
            return false;
        long minutes = 0;
        long last = 0;
        if (Skip(":"u8) && (!TryReadNumber(2, 2, out minutes) || (Skip(":"u8) && !TryReadNumber(2, 2, out last))))
            return false;
        seconds = (int)((hours * 60 + minutes) * 60 + last) * (negative ? -1 : 1);
        return hours < 16 && minutes < 60 && last < 60;
    }

    /// <summary><c>P1Y2M3DT4H5M6.789S</c>, each number with its own sign, to the end.</summary>
    public bool TryReadDuration(out int months, out int days, out long microseconds)
    {
        Int128 allMonths = 0;
        Int128 allDays = 0;
        Int128 all = 0;
        months = days = 0;
        microseconds = 0;
        if (!Skip("P"u8) || IsAtEnd)
            return false;
        var inTime = false;
        while (!IsAtEnd)
        {
            if (!inTime && Skip("T"u8))
            {
                inTime = true;
                if (IsAtEnd)
                    return false;
            }

            var negative = Skip("-"u8);
            if (!TryReadNumber(1, 18, out var whole) || !TryReadFraction(out var fraction) || IsAtEnd)
                return false;
            var (unit, isSeconds) = (rest[0], inTime && rest[0] == 'S');
            if (fraction != 0 && !isSeconds)
                return false;
            rest = rest[1..];
            Int128 number = negative ? -whole : whole;
            switch (inTime, (char)unit)
            {
                case (false, 'Y'): allMonths += number * 12; break;
                case (false, 'M'): allMonths += number; break;
                case (false, 'W'): allDays += number * 7; break;
                case (false, 'D'): allDays += number; break;
                case (true, 'H'): all += number * 3_600_000_000; break;
                case (true, 'M'): all += number * 60_000_000; break;
                case (true, 'S'): all += number * 1_000_000 + (negative ? -fraction : fraction); break;
                default: return false;
            }
        }

        if (allMonths != (int)allMonths || allDays != (int)allDays || all != (long)all)
            return false;
        (months, days, microseconds) = ((int)allMonths, (int)allDays, (long)all);
        return true;
    }

    private bool TryReadNumber(int least, int most, out long number)
    {
        number = 0;
        var count = 0;
        while (count < most && count < rest.Length && rest[count] is >= (byte)'0' and <= (byte)'9')
            number = number * 10 + rest[count++] - '0';
        rest = rest[count..];
        return count >= least;
    }

    private bool TryReadFraction(out long microseconds)
    {
        microseconds = 0;
        if (!Skip("."u8))
            return true;
        var count = 0;
        for (; count < rest.Length && rest[count] is >= (byte)'0' and <= (byte)'9'; count++)
        {
            if (count < 6)
                microseconds = microseconds * 10 + rest[count] - '0';
            else if (rest[count] != '0')
                return false;
        }

        for (var i = count; i < 6; i++)
            microseconds *= 10;
        rest = rest[count..];
        return count > 0;
    }

    private static int DaysIn(long year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    // Years begin in March, so that the day a leap year adds is their last; 400 years are 146,097 days.
    private static long DaysBefore(long year, int month)
    {
        const int fromYearZeroTo2000 = 730_425;
        var shifted = (month + 9) % 12;
        var y = year - shifted / 10 + 8_000;
        return 365 * y + y / 4 - y / 100 + y / 400 + (shifted * 306 + 5) / 10 - 20 * 146_097 - fromYearZeroTo2000;
    }
}

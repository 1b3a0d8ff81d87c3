using System.Buffers.Binary;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// Dates and times as the server prints them under <c>DateStyle</c> ISO: <c>YYYY-MM-DD</c> with four to seven digits of year,
/// <c>HH:MM:SS</c> with up to six of fraction, and <c> BC</c> at the very end. Every field is checked; a method answers false for anything
/// else.
/// </summary>
internal static class DateTimeText
{
    public const long MicrosecondsPerDay = 86_400_000_000;

    /// <summary>The last year the server knows; its days still fit 32 bits.</summary>
    private const int LastYear = 5_874_897;

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
        days = 0;
        length = 10;
        if (source.Length < length)
            return false;
        uint month;
        if (TryReadPairs(source, "0000-00-"u8, out var pairs))
            month = (byte)(pairs >> 40);
        else if (!TryReadLongYear(source, out pairs, out month, out length))
            return false;
        var yearText = length == 10 ? (byte)pairs * 100 + (byte)(pairs >> 16) : (int)pairs;
        var day = SourceText.TwoDigits(source, length - 2);
        var year = beforeChrist ? 1 - yearText : yearText;
        if (yearText is 0 or > LastYear || month is 0 or > 12 || day == 0 || (day > 28 && day > DaysOf(year, month)))
            return false;
        days = DaysSince1970(year, month, day);
        return true;
    }

    private static bool TryReadLongYear(ReadOnlySpan<byte> source, out ulong year, out uint month, out int length)
    {
        const int mostYearDigits = 7;
        (year, month) = (0, 0);
        var yearDigits = source.IndexOf((byte)'-');
        length = yearDigits + 6;
        if (yearDigits is < 5 or > mostYearDigits || source.Length < length || source[yearDigits + 3] != '-')
            return false;
        month = SourceText.TwoDigits(source, yearDigits + 1);
        return SourceText.TryAppendDigits(source[..yearDigits], ref year);
    }

    /// <summary>
    /// Microseconds since midnight of the time at the beginning (24:00:00 is a whole day), how many bytes it takes, and its digits of
    /// fraction.
    /// </summary>
    public static bool TryReadTime(ReadOnlySpan<byte> source, out long microseconds, out int length, out int digits)
    {
        const int withoutFraction = 8;
        microseconds = 0;
        length = withoutFraction;
        digits = 0;
        if (source.Length < withoutFraction || !TryReadPairs(source, "00:00:00"u8, out var pairs))
            return false;
        var (hour, minute, second) = ((byte)pairs, (byte)(pairs >> 24), (byte)(pairs >> 48));
        if (hour > 24 || minute > 59 || second > 59)
            return false;
        microseconds = (hour * 3600 + minute * 60 + second) * 1_000_000L;
        if (source.Length > withoutFraction && source[withoutFraction] == '.')
        {
            if (!TryReadFraction(source[(withoutFraction + 1)..], out var fraction, out digits))
                return false;
            microseconds += fraction;
            length += 1 + digits;
        }

        return microseconds <= MicrosecondsPerDay;
    }

    /// <summary>
    /// Compares eight bytes with a form, in which <c>0</c> is any digit, all at once. Byte i of the answer is the number that digits i and
    /// i + 1 make: a digit differs from '0' by at most 9 in its bits, a separator from itself by nothing.
    /// </summary>
    private static bool TryReadPairs(ReadOnlySpan<byte> source, ReadOnlySpan<byte> form, out ulong pairs)
    {
        const ulong highBits = 0x8080_8080_8080_8080;
        var expected = BinaryPrimitives.ReadUInt64LittleEndian(form);
        var digits = BinaryPrimitives.ReadUInt64LittleEndian(source) ^ expected;
        // '0' is 0x30 and lacks the bits that '-' (0x2d) and ':' (0x3a) have in common: 8. What is added lifts 10 (of a separator: 1) to
        // the high bit.
        var separators = ((expected & 0x0808_0808_0808_0808) >> 3) * 9;
        var isOther = ((digits + (0x7676_7676_7676_7676 + separators)) | digits) & highBits;
        pairs = digits * 10 + (digits >> 8);
        return isOther == 0;
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

    /// <summary>
    /// The proleptic Gregorian calendar, counted in eras of 400 years that begin on 1 March; moved up by eras to stay positive.
    /// </summary>
    private static int DaysSince1970(int year, uint month, uint day)
    {
        const int eras = 12;
        const int daysPerEra = 146_097;
        const int daysTo1970 = 719_468;
        var shifted = (uint)(year + eras * 400 - (month <= 2 ? 1 : 0));
        var dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return (int)(shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear) - daysTo1970 - eras * daysPerEra;
    }

    private static uint DaysOf(int year, uint month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29u : 28u,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };
}

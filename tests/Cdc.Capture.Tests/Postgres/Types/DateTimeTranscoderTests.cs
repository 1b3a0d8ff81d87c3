using System.Globalization;
using System.Numerics;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Postgres.Types;

public sealed class DateTimeTranscoderTests
{
    private const long PositiveInfinity = 9223372036825200000;
    private const long NegativeInfinity = -9223372036832400000;

    [Theory]
    [InlineData("1970-01-01", 0)]
    [InlineData("1969-12-31", -1)]
    [InlineData("2000-02-29", 11016)]
    [InlineData("9999-12-31", 2932896)]
    [InlineData("0001-01-01", -719162)]
    [InlineData("0001-12-31 BC", -719163)]
    [InlineData("4714-11-24 BC", -2440588)]
    [InlineData("5874897-12-31", 2145042905)]
    [InlineData("infinity", int.MaxValue)]
    [InlineData("-infinity", int.MinValue)]
    public void Date_is_days_since_1970(string text, int days) =>
        Assert.Equal(days, SourceTypes.Long(SourceTypes.Encode(SourceTypes.BuiltIn("date"), text)));

    [Theory]
    [InlineData(-1, "00:00:00", 0)]
    [InlineData(-1, "23:59:59.999999", 86_399_999_999)]
    [InlineData(-1, "24:00:00", 86_400_000_000)]
    [InlineData(6, "00:00:00.1", 100_000)]
    [InlineData(4, "00:00:01.0001", 1_000_100)]
    [InlineData(3, "00:00:01.001", 1_001)]
    [InlineData(0, "24:00:00", 86_400_000)]
    public void Time_is_counted_from_midnight(int digits, string text, long expected) =>
        Assert.Equal(expected, SourceTypes.Long(SourceTypes.Encode(SourceTypes.BuiltIn("time", digits), text)));

    [Theory]
    [InlineData(-1, "1970-01-01 00:00:00", 0)]
    [InlineData(-1, "1969-12-31 23:59:59.999999", -1)]
    [InlineData(3, "1969-12-31 23:59:59.999", -1)]
    [InlineData(-1, "9999-12-31 23:59:59.999999", 253_402_300_799_999_999)]
    [InlineData(0, "9999-12-31 23:59:59", 253_402_300_799_000)]
    [InlineData(-1, "0044-03-15 12:00:00.5 BC", -63_517_780_799_500_000)]
    [InlineData(-1, "infinity", PositiveInfinity)]
    [InlineData(-1, "-infinity", NegativeInfinity)]
    [InlineData(3, "infinity", PositiveInfinity / 1000)]
    [InlineData(2, "-infinity", NegativeInfinity / 1000)]
    [InlineData(-1, "294247-01-10 04:00:54.775807", long.MaxValue)]
    [InlineData(3, "294276-12-31 23:59:59.999", 9_224_318_015_999_999)]
    public void Timestamp_is_counted_from_1970(int digits, string text, long expected) =>
        Assert.Equal(expected, SourceTypes.Long(SourceTypes.Encode(SourceTypes.BuiltIn("timestamp", digits), text)));

    [Theory]
    [InlineData(-1, "294247-01-10 04:00:54.775808")]
    [InlineData(-1, "294276-12-31 23:59:59.999999")]
    [InlineData(-1, "294247-01-10 04:00:25.2")]
    [InlineData(3, "294247-01-10 04:00:25.2")]
    public void Timestamp_beyond_64_bits_or_with_infinitys_number_cannot_be_carried(int digits, string text) =>
        Assert.Null(SourceTypes.Encode(SourceTypes.BuiltIn("timestamp", digits), text));

    [Theory]
    [InlineData(-1, "2024-01-02 03:04:05+00", "2024-01-02T03:04:05.000000Z")]
    [InlineData(6, "2024-01-02 03:04:05.12+00", "2024-01-02T03:04:05.120000Z")]
    [InlineData(3, "2024-01-02 03:04:05.12+00", "2024-01-02T03:04:05.120Z")]
    [InlineData(0, "2024-01-02 03:04:05+00", "2024-01-02T03:04:05Z")]
    [InlineData(0, "294276-12-31 23:59:59+00", "+294276-12-31T23:59:59Z")]
    [InlineData(1, "10000-01-01 00:00:00+00", "+10000-01-01T00:00:00.0Z")]
    [InlineData(0, "0001-12-31 23:59:59+00 BC", "0000-12-31T23:59:59Z")]
    [InlineData(2, "0002-01-01 00:00:00.5+00 BC", "-0001-01-01T00:00:00.50Z")]
    [InlineData(0, "4714-11-24 00:00:00+00 BC", "-4713-11-24T00:00:00Z")]
    [InlineData(6, "infinity", "infinity")]
    [InlineData(0, "-infinity", "-infinity")]
    public void Zoned_timestamp_is_iso_text_with_the_declared_digits(int digits, string text, string expected) =>
        Assert.Equal(expected, SourceTypes.Text(SourceTypes.Encode(SourceTypes.BuiltIn("timestamptz", digits), text)));

    [Theory]
    [InlineData(-1, "12:34:56+00", "12:34:56.000000Z")]
    [InlineData(0, "24:00:00-08", "24:00:00-08:00")]
    [InlineData(2, "12:34:56.7+05:30", "12:34:56.70+05:30")]
    [InlineData(3, "12:34:56.789-15:59:59", "12:34:56.789-15:59:59")]
    [InlineData(0, "01:02:03-00:30", "01:02:03-00:30")]
    public void Zoned_time_keeps_its_own_offset(int digits, string text, string expected) =>
        Assert.Equal(expected, SourceTypes.Text(SourceTypes.Encode(SourceTypes.BuiltIn("timetz", digits), text)));

    [Theory]
    [InlineData("date", -1, "2023-02-29")]
    [InlineData("date", -1, "1900-02-29")]
    [InlineData("date", -1, "2024-13-01")]
    [InlineData("date", -1, "2024-00-01")]
    [InlineData("date", -1, "2024-04-31")]
    [InlineData("date", -1, "0000-01-01")]
    [InlineData("date", -1, "5874898-01-01")]
    [InlineData("date", -1, "24-01-01")]
    [InlineData("date", -1, "01/02/2024")]
    [InlineData("date", -1, "2024-01-01 ")]
    [InlineData("date", -1, "2024-01-01 AD")]
    [InlineData("date", -1, "99999999-01-01")]
    [InlineData("date", -1, "+infinity")]
    [InlineData("date", -1, "infinity BC")]
    [InlineData("date", -1, "")]
    [InlineData("time", -1, "24:00:00.000001")]
    [InlineData("time", -1, "23:60:00")]
    [InlineData("time", -1, "23:59:60")]
    [InlineData("time", -1, "23:59")]
    [InlineData("time", -1, "23:59:59.")]
    [InlineData("time", -1, "23:59:59.1234567")]
    [InlineData("time", 2, "23:59:59.123")]
    [InlineData("time", -1, "1:00:00")]
    [InlineData("timestamp", -1, "2024-01-01T00:00:00")]
    [InlineData("timestamp", -1, "2024-01-01")]
    [InlineData("timestamp", -1, "2024-01-01 00:00:00+00")]
    [InlineData("timestamp", 0, "2024-01-01 00:00:00.1")]
    [InlineData("timestamptz", -1, "2024-01-01 00:00:00")]
    [InlineData("timestamptz", -1, "2024-01-01 00:00:00+01")]
    [InlineData("timestamptz", -1, "Mon Jan 01 00:00:00 2024 UTC")]
    [InlineData("timetz", -1, "12:00:00")]
    [InlineData("timetz", -1, "12:00:00+16")]
    [InlineData("timetz", -1, "12:00:00+05:60")]
    [InlineData("timetz", -1, "12:00:00Z")]
    public void Text_of_another_form_is_refused(string type, int digits, string text)
    {
        var error = Assert.Throws<CdcException>(() => SourceTypes.Encode(SourceTypes.BuiltIn(type, digits), text));
        Assert.Equal(ErrorCodes.SourceTextInvalid, error.Code);
    }

    [Theory]
    [InlineData("date", "2024-01-02")]
    [InlineData("time", "12:34:56")]
    [InlineData("timestamp", "2024-01-02 12:34:56")]
    [InlineData("timestamptz", "2024-01-02 12:34:56+00")]
    public void Every_other_byte_in_any_place_is_refused(string type, string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var other in "\0 !*+,-./09:;?@AZaz~\u007f")
            {
                var changed = text[..at] + other + text[(at + 1)..];
                if (char.IsAsciiDigit(text[at]) ? char.IsAsciiDigit(other) : other == text[at])
                    continue;
                if (changed.EndsWith('.') || (text[at] == '+' && other == '-'))
                    continue;
                Assert.Throws<CdcException>(() => SourceTypes.Encode(SourceTypes.BuiltIn(type), changed));
            }
        }
    }

    [Fact]
    public void Every_day_of_the_common_era_equals_the_calendar_of_the_base_class_library()
    {
        var epoch = new DateOnly(1970, 1, 1).DayNumber;
        for (var day = 0; day <= DateOnly.MaxValue.DayNumber; day += 13)
        {
            var text = DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            Assert.Equal(day - epoch, SourceTypes.Long(SourceTypes.Encode(SourceTypes.BuiltIn("date"), text)));
        }
    }

    [Fact]
    public void Random_timestamps_equal_an_independent_calculation()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 50_000; i++)
        {
            var year = random.Next(3) switch { 0 => random.Next(-4711, 1), 1 => random.Next(1, 3000), _ => random.Next(1, 294_240) };
            var (month, day) = (random.Next(1, 13), random.Next(1, 29));
            var time = random.NextInt64(86_400_000_000);
            var text = TextOf(year, month, day, time);
            var expected = (JulianDay(year, month, day) - JulianDay(1970, 1, 1)) * 86_400_000_000 + time;
            var value = SourceTypes.Long(SourceTypes.Encode(SourceTypes.BuiltIn("timestamp"), text));
            Assert.True(expected == value, $"seed {seed}: '{text}' gives {value}, not {expected}.");
        }
    }

    private static string TextOf(int year, int month, int day, long time)
    {
        var span = TimeSpan.FromTicks(time * 10);
        var (shown, era) = year > 0 ? (year, "") : (1 - year, " BC");
        var fraction = time % 1_000_000 == 0 ? "" : "." + (time % 1_000_000).ToString("D6", CultureInfo.InvariantCulture).TrimEnd('0');
        return string.Create(CultureInfo.InvariantCulture, $"{shown:D4}-{month:D2}-{day:D2} {span:hh\\:mm\\:ss}{fraction}{era}");
    }

    /// <summary>The days of Fliegel and Van Flandern's formula, in numbers without bounds; good from 4800 BC on.</summary>
    private static BigInteger JulianDay(BigInteger year, int month, int day)
    {
        var a = (14 - month) / 12;
        var y = year + 4800 - a;
        var m = month + 12 * a - 3;
        return day + (153 * m + 2) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 32_045;
    }
}

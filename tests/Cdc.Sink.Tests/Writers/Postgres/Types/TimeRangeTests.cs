using System.Buffers.Binary;
using System.Globalization;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;
using Cdc.Sink.Writers.Postgres.Types;

namespace Cdc.Sink.Tests.Writers.Postgres.Types;

/// <summary>
/// Every moment that PostgreSQL knows arrives as its own count, and nothing else does; over the whole range and at its ends.
/// </summary>
public sealed class TimeRangeTests
{
    private const int Seed = 20_261_128;
    private const int Samples = 3_000;
    private const long Epoch = 946_684_800_000_000;
    private const long First = -211_813_488_000_000_000;
    private const long End = 9_223_371_331_200_000_000;
    private const long Day = 86_400_000_000;

    private static readonly ValuePlace Place = new("s.t", "c");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Timestamps_of_every_year_arrive(int digits)
    {
        var step = (long)Math.Pow(10, 6 - digits);
        var unit = digits <= 3 ? 1_000 : 1;
        foreach (var count in Counts(First, End, step))
        {
            var sent = ((Int128)count + Epoch) / unit;
            if (sent > long.MaxValue || IsInfinity((long)sent, unit))
                continue; // Microseconds since 1970 end earlier, and two moments stand for the infinities: capture refuses those.
            Assert.Equal(count, Number(Encode(writer => writer.WriteLong((long)sent), new TimestampEncoder(digits, Place))));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public void Timestamps_beyond_the_server_s_years_are_refused(int digits)
    {
        var unit = digits <= 3 ? 1_000 : 1;
        Refused(writer => writer.WriteLong((First + Epoch) / unit - 1_000_000 / unit), new TimestampEncoder(digits, Place));
        // Microseconds since 1970 end in a year that it knows.
        long[] late = unit > 1 ? [(long)(((Int128)End + Epoch) / unit), long.MaxValue] : [];
        foreach (var value in (long[])[long.MinValue, long.MinValue + 1, .. late])
            Refused(writer => writer.WriteLong(value), new TimestampEncoder(digits, Place));
    }

    [Fact]
    public void Zoned_timestamps_of_every_year_arrive()
    {
        foreach (var count in Counts(First, End, 1))
        {
            var (day, time) = (Math.DivRem(count, Day) is var (whole, rest) && rest < 0 ? whole - 1
                : count / Day, ((count % Day) + Day) % Day);
            var text = $"{Date(day)}T{Clock(time)}Z";
            Assert.True(count == Number(Encode(writer => writer.WriteString(text), new ZonedTimestampEncoder(6, Place))), text);
        }
    }

    [Fact]
    public void Dates_arrive()
    {
        foreach (var days in Counts(-2_451_545, 2_145_031_949, 1))
        {
            var field = Encode(writer => writer.WriteInt((int)(days + 10_957)), new DateEncoder(Place));
            Assert.Equal(days, BinaryPrimitives.ReadInt32BigEndian(field.AsSpan(4)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public void Times_of_a_day_arrive(int digits)
    {
        var step = (long)Math.Pow(10, 6 - digits);
        foreach (var time in Counts(0, Day + step, step))
        {
            Assert.Equal(time,
                Number(Encode(writer => writer.WriteLong(digits <= 3 ? time / 1_000 : time), new TimeEncoder(digits, Place))));
            var zoned = Encode(writer => writer.WriteString($"{Clock(time)}-15:59:59"), new ZonedTimeEncoder(digits, Place));
            Assert.Equal((time, 57_599), (Number(zoned), BinaryPrimitives.ReadInt32BigEndian(zoned.AsSpan(12))));
        }
    }

    /// <summary>The ends of a range, what is near them, and numbers of every size between.</summary>
    private static IEnumerable<long> Counts(long first, long end, long step)
    {
        var random = new Random(Seed);
        long[] ends = [first, first + step, end - step, end - (2 * step), 0, step];
        return ends.Concat(Enumerable.Range(0, Samples)
            .Select(i => i % 2 == 0 ? random.NextInt64(first, end) : random.NextInt64(first, end) >> random.Next(1, 60)))
            .Select(count => count - (((count % step) + step) % step)).Where(count => count >= first && count < end);
    }

    private static bool IsInfinity(long sent, int unit) => sent == 9_223_372_036_825_200_000 / unit
        || sent == -9_223_372_036_832_400_000 / unit;

    /// <summary>By the calendar's rule of 400 years, beside the program's own arithmetic.</summary>
    private static string Date(long daysSince2000)
    {
        var cycles = (long)Math.Floor(daysSince2000 / 146_097.0);
        var date = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(daysSince2000 - (cycles * 146_097));
        var year = date.Year + (cycles * 400);
        return string.Create(CultureInfo.InvariantCulture,
            $"{(year < 0 ? "-" : year > 9999 ? "+" : "")}{Math.Abs(year):0000}-{date.Month:00}-{date.Day:00}");
    }

    private static string Clock(long time) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{time / 3_600_000_000:00}:{time / 60_000_000 % 60:00}:{time / 1_000_000 % 60:00}.{time % 1_000_000:000000}");

    private static long Number(byte[] field) => BinaryPrimitives.ReadInt64BigEndian(field.AsSpan(4));

    private static byte[] Encode(Action<AvroWriter> write, ColumnEncoder encoder)
    {
        using var source = new PooledBuffer(64);
        using var target = new PooledBuffer(64);
        write(new AvroWriter(source));
        var reader = new AvroReader(source.WrittenSpan);
        encoder.Write(ref reader, target);
        return target.WrittenSpan.ToArray();
    }

    private static void Refused(Action<AvroWriter> write, ColumnEncoder encoder) =>
        Assert.Equal(ErrorCodes.TargetValueUnsupported, Assert.Throws<CdcException>(() => Encode(write, encoder)).Code);
}

using System.Buffers.Binary;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>Times as PostgreSQL counts them: microseconds and days since 2000-01-01.</summary>
internal static class TimeUnits
{
    public const long EpochMicroseconds = 946_684_800_000_000;
    public const int EpochDays = 10_957;
    public const long DayMicroseconds = 86_400_000_000;

    /// <summary>Microseconds to which a value with so many digits of a second's fraction is whole.</summary>
    public static int Step(int digits) =>
        digits switch { 0 => 1_000_000, 1 => 100_000, 2 => 10_000, 3 => 1_000, 4 => 100, 5 => 10, _ => 1 };
}

/// <summary><c>date</c>; its infinities are the largest and smallest number in the event and here.</summary>
internal sealed class DateEncoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var days = source.ReadInt();
        if (days is not (int.MaxValue or int.MinValue))
        {
            if (days < int.MinValue + TimeUnits.EpochDays + 1)
                throw place.Refuse("a date before 4713 BC");
            days -= TimeUnits.EpochDays;
        }

        CopyField.WriteInt32(target, days);
    }
}

/// <summary><c>time</c>: microseconds since midnight, of milliseconds or microseconds.</summary>
internal sealed class TimeEncoder(int digits, ValuePlace place) : ColumnEncoder
{
    private readonly int factor = digits <= 3 ? 1_000 : 1;
    private readonly int step = TimeUnits.Step(digits);

    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var value = source.ReadLong();
        if (value < 0 || value > TimeUnits.DayMicroseconds / factor || value * factor % step != 0)
            throw place.Refuse("a time beyond a day, or with more digits than declared");
        CopyField.WriteInt64(target, value * factor);
    }
}

/// <summary>
/// <c>timestamp</c>: microseconds since 2000, of milliseconds or microseconds since 1970; Debezium's two values are the infinities.
/// </summary>
internal sealed class TimestampEncoder(int digits, ValuePlace place) : ColumnEncoder
{
    private const long PositiveInfinity = 9_223_372_036_825_200_000;
    private const long NegativeInfinity = -9_223_372_036_832_400_000;

    // From 4714-11-24 BC on to before 294277 AD, in microseconds since 2000 (src/include/datatype/timestamp.h).
    private const long First = -211_813_488_000_000_000;
    private const long End = 9_223_371_331_200_000_000;

    private readonly int factor = digits <= 3 ? 1_000 : 1;
    private readonly int step = TimeUnits.Step(digits);

    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var value = source.ReadLong();
        if (value == PositiveInfinity / factor)
            CopyField.WriteInt64(target, long.MaxValue);
        else if (value == NegativeInfinity / factor)
            CopyField.WriteInt64(target, long.MinValue);
        else if (!TryCount(value, out var count))
            throw place.Refuse("a timestamp before 4713 BC or beyond 294276 AD, or with more digits than declared");
        else
            CopyField.WriteInt64(target, count);
    }

    /// <summary>Milliseconds reach further than microseconds since 1970: those since 2000 are counted before they are multiplied.</summary>
    private bool TryCount(long value, out long microseconds)
    {
        var epoch = TimeUnits.EpochMicroseconds / factor;
        microseconds = 0;
        if (value < First / factor + epoch || value - epoch >= End / factor)
            return false;
        microseconds = (value - epoch) * factor;
        return microseconds % step == 0;
    }
}

/// <summary><c>timestamp with time zone</c>: microseconds since 2000 in UTC, of ISO text.</summary>
internal sealed class ZonedTimestampEncoder(int digits, ValuePlace place) : ColumnEncoder
{
    private readonly int step = TimeUnits.Step(digits);

    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var text = new IsoText(source.ReadBytes());
        if (text.Skip("infinity"u8))
            CopyField.WriteInt64(target, long.MaxValue);
        else if (text.Skip("-infinity"u8))
            CopyField.WriteInt64(target, long.MinValue);
        else if (text.TryReadDate(out var days) && text.Skip("T"u8) && text.TryReadTime(out var time) && text.TryReadOffset(out var seconds)
                 && time % step == 0 && text.IsAtEnd)
            CopyField.WriteInt64(target, days * TimeUnits.DayMicroseconds + time - seconds * 1_000_000L);
        else
            throw place.Refuse("text that is not a timestamp with zone");
        if (!text.IsAtEnd)
            throw place.Refuse("text that is not a timestamp with zone");
    }
}

/// <summary><c>time with time zone</c>: microseconds since midnight, then the zone in seconds west of UTC.</summary>
internal sealed class ZonedTimeEncoder(int digits, ValuePlace place) : ColumnEncoder
{
    private readonly int step = TimeUnits.Step(digits);

    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var text = new IsoText(source.ReadBytes());
        if (!text.TryReadTime(out var time) || !text.TryReadOffset(out var seconds) || !text.IsAtEnd || time % step != 0)
            throw place.Refuse("text that is not a time with zone");
        var span = target.GetSpan(16);
        BinaryPrimitives.WriteInt32BigEndian(span, 12);
        BinaryPrimitives.WriteInt64BigEndian(span[4..], time);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], -seconds);
        target.Advance(16);
    }
}

/// <summary><c>interval</c>: microseconds, days and months, of ISO-8601 text; infinities are PostgreSQL 17's.</summary>
internal sealed class IntervalEncoder(int digits, bool hasInfinity, ValuePlace place) : ColumnEncoder
{
    private readonly int step = TimeUnits.Step(digits);

    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var text = new IsoText(source.ReadBytes());
        if (hasInfinity && text.Skip("infinity"u8) && text.IsAtEnd)
            Write(target, long.MaxValue, int.MaxValue, int.MaxValue);
        else if (hasInfinity && text.Skip("-infinity"u8) && text.IsAtEnd)
            Write(target, long.MinValue, int.MinValue, int.MinValue);
        else if (text.TryReadDuration(out var months, out var days, out var microseconds) && microseconds % step == 0)
            Write(target, microseconds, days, months);
        else
            throw place.Refuse("text that is not an interval");
    }

    private static void Write(PooledBuffer target, long microseconds, int days, int months)
    {
        var span = target.GetSpan(20);
        BinaryPrimitives.WriteInt32BigEndian(span, 16);
        BinaryPrimitives.WriteInt64BigEndian(span[4..], microseconds);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], days);
        BinaryPrimitives.WriteInt32BigEndian(span[16..], months);
        target.Advance(20);
    }
}

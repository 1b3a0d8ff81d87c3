using Cdc.Contracts.Avro;

namespace Cdc.Sink.Writers.DuckDb.Types;

/// <summary>DATE: days since 1970; DuckDB's infinities are the largest number and its opposite.</summary>
internal readonly unsafe struct DateValue : IValueWriter
{
    private const int MinDays = -2147483646;

    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var days = reader.ReadInt();
        if (days == int.MinValue)
            days = -int.MaxValue;
        else if (days < MinDays)
            return false;
        *slot.As<int>() = days;
        return true;
    }
}

/// <summary>TIME: microseconds since midnight, 24:00 included.</summary>
/// <param name="microseconds">How many of them one unit of the Avro value is.</param>
internal readonly unsafe struct TimeValue(int microseconds) : IValueWriter
{
    private const long Day = 86_400_000_000;

    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var value = reader.ReadLong();
        if (value < 0 || value > Day / microseconds)
            return false;
        *slot.As<long>() = value * microseconds;
        return true;
    }
}

/// <summary>TIMESTAMP: microseconds since 1970. Debezium's two infinities become DuckDB's.</summary>
/// <param name="microseconds">How many of them one unit of the Avro value is.</param>
internal readonly unsafe struct TimestampValue(int microseconds) : IValueWriter
{
    private const long Infinity = 9223372036825200000;
    private const long MinusInfinity = -9223372036832400000;

    public bool TryWrite(ref AvroReader reader, VectorCell slot)
    {
        var value = reader.ReadLong();
        if (value == Infinity / microseconds)
            *slot.As<long>() = IsoTimestamp.Infinity;
        else if (value == MinusInfinity / microseconds)
            *slot.As<long>() = -IsoTimestamp.Infinity;
        else if (value < IsoTimestamp.Min / microseconds || value > IsoTimestamp.Max / microseconds)
            return false;
        else
            *slot.As<long>() = value * microseconds;
        return true;
    }
}

/// <summary>TIMESTAMP WITH TIME ZONE: microseconds since 1970 in UTC, from ISO text.</summary>
internal readonly unsafe struct ZonedTimestampValue : IValueWriter
{
    public bool TryWrite(ref AvroReader reader, VectorCell slot) => TryWriteText(reader.ReadBytes(), slot);

    public bool TryWriteText(ReadOnlySpan<byte> utf8, VectorCell slot) => IsoTimestamp.TryParse(utf8, out *slot.As<long>());
}

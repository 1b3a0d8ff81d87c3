using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// <c>timestamp(p)</c> since 1970: milliseconds for up to 3 digits, else microseconds. The infinities are Debezium's two values. The last
/// years the server knows (294247 to 294276) leave 64 bits of microseconds, and one moment there has infinity's number: those it cannot
/// carry.
/// </summary>
internal sealed class TimestampTranscoder(string type, int digits) : ColumnTranscoder
{
    private const long Infinity = 9_223_372_036_825_200_000;
    private const long NegativeInfinity = -9_223_372_036_832_400_000;

    private readonly bool inMilliseconds = digits <= 3;

    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        var text = source;
        var beforeChrist = DateTimeText.TrimBeforeChrist(ref text);
        if (!DateTimeText.TryReadDate(text, beforeChrist, out var days, out var dateLength)
            || text.Length <= dateLength
            || text[dateLength] != ' '
            || !DateTimeText.TryReadTime(text[(dateLength + 1)..], out var time, out var timeLength, out var found)
            || dateLength + 1 + timeLength != text.Length
            || found > digits)
            return TryWriteInfinity(source, writer);
        return inMilliseconds
            ? TryWrite(days * (DateTimeText.MicrosecondsPerDay / 1000) + time / 1000, Infinity / 1000, writer)
            : TryWriteMicroseconds(days, time, writer);
    }

    private static bool TryWriteMicroseconds(int days, long time, AvroWriter writer)
    {
        const int lastWholeDay = (int)(long.MaxValue / DateTimeText.MicrosecondsPerDay) - 1;
        if (days <= lastWholeDay)
            return TryWrite(days * DateTimeText.MicrosecondsPerDay + time, Infinity, writer);
        var exact = (Int128)days * DateTimeText.MicrosecondsPerDay + time;
        return exact <= long.MaxValue && TryWrite((long)exact, Infinity, writer);
    }

    private static bool TryWrite(long value, long taken, AvroWriter writer)
    {
        if (value == taken)
            return false;
        writer.WriteLong(value);
        return true;
    }

    private bool TryWriteInfinity(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        var unit = inMilliseconds ? 1000 : 1;
        if (source.SequenceEqual(DateTimeText.Infinity))
            writer.WriteLong(Infinity / unit);
        else if (source.SequenceEqual(DateTimeText.NegativeInfinity))
            writer.WriteLong(NegativeInfinity / unit);
        else
            throw SourceText.Malformed(type, source.Length);
        return true;
    }
}

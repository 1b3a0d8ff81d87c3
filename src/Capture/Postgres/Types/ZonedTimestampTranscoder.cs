using System.Globalization;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary>
/// <c>timestamptz(p)</c>, printed in UTC, as ISO text <c>2024-01-02T03:04:05.000000Z</c>: exactly the declared digits, the astronomical
/// year (year 1 BC is <c>0000</c>, 2 BC is <c>-0001</c>), <c>+</c> before a year of more than four digits, or <c>infinity</c> and
/// <c>-infinity</c>.
/// </summary>
internal sealed class ZonedTimestampTranscoder(string type, int digits) : ColumnTranscoder
{
    private const int TimeLength = 8;

    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        var text = source;
        var beforeChrist = DateTimeText.TrimBeforeChrist(ref text);
        if (!DateTimeText.TryReadDate(text, beforeChrist, out _, out var dateLength)
            || text.Length <= dateLength
            || text[dateLength] != ' '
            || !DateTimeText.TryReadTime(text[(dateLength + 1)..], out _, out var timeLength, out var found)
            || !text[(dateLength + 1 + timeLength)..].SequenceEqual("+00"u8)
            || found > digits)
            return TryWriteInfinity(source, writer);
        Write(text[..dateLength], text.Slice(dateLength + 1, timeLength), beforeChrist, writer);
        return true;
    }

    private void Write(ReadOnlySpan<byte> date, ReadOnlySpan<byte> time, bool beforeChrist, AvroWriter writer)
    {
        const int monthAndDay = 6;
        const int commonYear = 4;
        const int longestYear = 8;
        Span<byte> yearText = stackalloc byte[longestYear];
        scoped var year = date[..^monthAndDay];
        if (beforeChrist || year.Length > commonYear)
            year = yearText[..WriteYear(year, beforeChrist, yearText)];
        var dateLength = year.Length + monthAndDay;
        var length = dateLength + 1 + TimeLength + (digits == 0 ? 0 : 1 + digits) + 1;
        writer.WriteLong(length);
        var span = writer.Buffer.GetSpan(length)[..length];
        year.CopyTo(span);
        date[^monthAndDay..].CopyTo(span[year.Length..]);
        span[dateLength] = (byte)'T';
        WriteTime(time, digits, span[(dateLength + 1)..]);
        span[^1] = (byte)'Z';
        writer.Buffer.Advance(length);
    }

    /// <summary>A time with exactly so many digits of fraction, filled with zeros.</summary>
    internal static void WriteTime(ReadOnlySpan<byte> time, int digits, Span<byte> target)
    {
        time.CopyTo(target);
        if (digits == 0)
            return;
        target[TimeLength] = (byte)'.';
        target.Slice(time.Length == TimeLength ? TimeLength + 1 : time.Length,
            TimeLength + 1 + digits - Math.Max(time.Length, TimeLength + 1)).Fill((byte)'0');
    }

    private static int WriteYear(ReadOnlySpan<byte> digits, bool beforeChrist, Span<byte> target)
    {
        if (!beforeChrist)
        {
            target[0] = (byte)'+';
            digits.CopyTo(target[1..]);
            return 1 + digits.Length;
        }

        ulong year = 0;
        SourceText.TryAppendDigits(digits, ref year);
        ((int)year - 1).TryFormat(target[1..], out var length, "D4", CultureInfo.InvariantCulture);
        target[0] = (byte)'-';
        if (year > 1)
            return 1 + length;
        target[1..].CopyTo(target);
        return length;
    }

    private bool TryWriteInfinity(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!source.SequenceEqual(DateTimeText.Infinity) && !source.SequenceEqual(DateTimeText.NegativeInfinity))
            throw SourceText.Malformed(type, source.Length);
        writer.WriteBytes(source);
        return true;
    }
}

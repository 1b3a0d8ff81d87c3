using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;

namespace Cdc.Capture.Postgres.Types;

/// <summary><c>date</c> (4713 BC to 5874897) as days since 1970; the infinities are the ends of 32 bits.</summary>
internal sealed class DateTranscoder(string type) : ColumnTranscoder
{
    public override bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer)
    {
        if (!TryRead(source, out var days))
            throw SourceText.Malformed(type, source.Length);
        writer.WriteInt(days);
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> source, out int days)
    {
        var text = source;
        var beforeChrist = DateTimeText.TrimBeforeChrist(ref text);
        if (DateTimeText.TryReadDate(text, beforeChrist, out days, out var length))
            return length == text.Length;
        days = int.MaxValue;
        if (source.SequenceEqual(DateTimeText.Infinity))
            return true;
        days = int.MinValue;
        return source.SequenceEqual(DateTimeText.NegativeInfinity);
    }
}

using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary><c>bit(n)</c>: the number of bits, then bytes whose highest bit comes first; the events' lowest bit comes first.</summary>
internal sealed class BitsEncoder(int length, ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var bytes = source.ReadBytes().TrimEnd((byte)0);
        var count = (length + 7) / 8;
        if (bytes.Length > count || (bytes.Length == count && length % 8 != 0 && bytes[^1] >> (length % 8) != 0))
            throw place.Refuse($"more than {length} bits");
        var start = CopyField.BeginField(target);
        CopyField.AppendInt32(target, length);
        var span = target.GetSpan(count)[..count];
        span.Clear();
        for (var i = 0; i < length; i++)
        {
            var bit = length - 1 - i;
            if (bit / 8 < bytes.Length && (bytes[bit / 8] >> (bit % 8) & 1) != 0)
                span[i / 8] |= (byte)(0x80 >> (i % 8));
        }

        target.Advance(count);
        CopyField.EndField(target, start);
    }
}

/// <summary><c>bit(1)</c>, which events carry as a boolean.</summary>
internal sealed class SingleBitEncoder : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target) =>
        WriteField(target, source.ReadBoolean() ? [0, 0, 0, 1, 0x80] : [0, 0, 0, 1, 0]);
}

/// <summary><c>bit varying</c>, which events carry as digits 0 and 1.</summary>
internal sealed class BitTextEncoder(ValuePlace place) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var digits = source.ReadBytes();
        if (digits.ContainsAnyExcept((byte)'0', (byte)'1'))
            throw place.Refuse("text that is not bits");
        var count = (digits.Length + 7) / 8;
        var start = CopyField.BeginField(target);
        CopyField.AppendInt32(target, digits.Length);
        var span = target.GetSpan(count)[..count];
        span.Clear();
        for (var i = 0; i < digits.Length; i++)
        {
            if (digits[i] == '1')
                span[i / 8] |= (byte)(0x80 >> (i % 8));
        }

        target.Advance(count);
        CopyField.EndField(target, start);
    }
}

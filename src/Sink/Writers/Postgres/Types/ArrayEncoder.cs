using Cdc.Contracts.Avro;
using Cdc.Contracts.Buffers;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>
/// An array of one dimension with lower bound 1 (array_recv): dimensions, whether there are nulls, the element's type; length and lower
/// bound; then each element as a field. An empty array has no dimension.
/// </summary>
internal sealed class ArrayEncoder(ColumnEncoder element, uint elementOid) : ColumnEncoder
{
    public override void Write(ref AvroReader source, PooledBuffer target)
    {
        var start = CopyField.BeginField(target);
        CopyField.AppendInt32(target, 1);
        CopyField.AppendInt32(target, 0);
        CopyField.AppendInt32(target, unchecked((int)elementOid));
        var lengthAt = target.Length;
        CopyField.AppendInt32(target, 0);
        CopyField.AppendInt32(target, 1);
        var (count, nulls) = WriteElements(ref source, target);
        if (count == 0)
        {
            target.Truncate(lengthAt);
            Patch(target, start, 0);
        }
        else
        {
            Patch(target, start + 4, nulls ? 1 : 0);
            Patch(target, lengthAt, count);
        }

        CopyField.EndField(target, start);
    }

    private (int Count, bool Nulls) WriteElements(ref AvroReader source, PooledBuffer target)
    {
        var count = 0;
        var nulls = false;
        for (var block = source.ReadBlockCount(); block > 0; block = source.ReadBlockCount())
        {
            for (var i = 0; i < block; i++, count++)
            {
                if (source.ReadUnionIndex(2) == 1)
                {
                    element.Write(ref source, target);
                }
                else
                {
                    CopyField.WriteNull(target);
                    nulls = true;
                }
            }
        }

        return (count, nulls);
    }

    private static void Patch(PooledBuffer target, int at, int value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(target.Slice(at, 4), value);
}

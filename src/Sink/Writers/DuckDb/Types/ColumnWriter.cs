using System.Numerics;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Types;

/// <summary>One column of some rows: where the rows' slices are, and what they are slices of. The bytes are pinned.</summary>
/// <param name="slices">All rows' columns, row after row.</param>
/// <param name="rows">Which rows, at most as many as a chunk has.</param>
internal readonly ref struct ColumnRows(
    ReadOnlySpan<byte> buffer, ReadOnlySpan<ColumnSlice> slices, int columns, int column, ReadOnlySpan<int> rows)
{
    private readonly ReadOnlySpan<byte> buffer = buffer;
    private readonly ReadOnlySpan<ColumnSlice> slices = slices;
    private readonly ReadOnlySpan<int> rows = rows;

    public int Count => rows.Length;

    public ColumnSlice this[int number] => slices[rows[number] * columns + column];

    public ReadOnlySpan<byte> Bytes(ColumnSlice slice) => buffer.Slice(slice.Offset, slice.Length);
}

/// <summary>Writes one column of a table, chunk by chunk, into DuckDB's vectors; chosen once per schema.</summary>
/// <param name="place">For messages: table, column and its DuckDB type.</param>
internal abstract class ColumnWriter(string place)
{
    public abstract void Write(ColumnRows source, nint vector);

    /// <summary>Where the values of a column of this type go.</summary>
    public static ColumnWriter Create(ColumnType type, string place) =>
        type is ColumnType.Array array ? Create(array.Element, place, isList: true) : Create(type, place, isList: false);

    /// <summary>Notes a null. A column of many makes the mask once.</summary>
    protected static unsafe void SetNull(nint vector, int row, ref ulong* validity)
    {
        if (validity is null)
        {
            NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(vector);
            validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        }

        validity[row >> 6] &= ~(1UL << (row & 63));
    }

    protected CdcException Unsupported() =>
        new(ErrorCodes.TargetValueUnsupported, $"Writing {place}, a value was found that this type of DuckDB does not have.");

    protected CdcException Malformed() =>
        new(ErrorCodes.AvroMalformed, $"Writing {place}, a value was found that is longer than its type.");

    private static ColumnWriter Create(ColumnType type, string place, bool isList) => type switch
    {
        ColumnType.Boolean => Of(default(BooleanValue), place, isList),
        ColumnType.Int16 => Of(default(Int16Value), place, isList),
        ColumnType.Int32 => Of(default(Int32Value), place, isList),
        ColumnType.Int64 => Of(default(Int64Value), place, isList),
        ColumnType.Float32 => Of(default(Float32Value), place, isList),
        ColumnType.Float64 => Of(default(Float64Value), place, isList),
        ColumnType.Decimal { Precision: <= DuckDbTypes.MaxDecimalDigits } number => Of(new DecimalValue(number.Precision), place, isList),
        ColumnType.Decimal number => Of(new WideDecimalValue(number.Scale), place, isList),
        ColumnType.VariableDecimal => Of(new VariableDecimalValue(), place, isList),
        ColumnType.Bytes => Of(default(BytesValue), place, isList),
        ColumnType.Date => Of(default(DateValue), place, isList),
        ColumnType.Time time => Of(new TimeValue(Unit(time.Digits)), place, isList),
        ColumnType.Timestamp time => Of(new TimestampValue(Unit(time.Digits)), place, isList),
        ColumnType.ZonedTimestamp => Of(default(ZonedTimestampValue), place, isList),
        ColumnType.Uuid => Of(default(UuidValue), place, isList),
        ColumnType.Bits bits => Of(new BitsValue(bits.Length), place, isList),
        ColumnType.Point => Of(default(PointValue), place, isList),
        ColumnType.Text or ColumnType.ZonedTime or ColumnType.Interval or ColumnType.Json or ColumnType.Xml or ColumnType.LabelTree
            or ColumnType.TextSearchVector or ColumnType.Enum => Of(default(TextValue), place, isList),
        _ => throw new CdcException(ErrorCodes.TargetColumnUnsuitable,
            $"Writing {place}, its type '{type}' was found, which has no form in DuckDB."),
    };

    private static ColumnWriter Of<TValue>(TValue value, string place, bool isList)
        where TValue : struct, IValueWriter => isList ? new ListWriter<TValue>(value, place) : new PlainWriter<TValue>(value, place);

    private static int Unit(int digits) => digits <= 3 ? 1000 : 1;

    private sealed unsafe class PlainWriter<TValue>(TValue value, string place) : ColumnWriter(place)
        where TValue : struct, IValueWriter
    {
        public override void Write(ColumnRows source, nint vector)
        {
            var values = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
            ulong* validity = null;
            for (var row = 0; row < source.Count; row++)
            {
                var slice = source[row];
                if (slice.State == ColumnState.Value)
                {
                    var reader = new AvroReader(source.Bytes(slice));
                    if (!value.TryWrite(ref reader, new VectorCell(vector, values, row)))
                        throw Unsupported();
                    if (!reader.IsAtEnd)
                        throw Malformed();
                }
                else if (slice.State != ColumnState.Exact)
                {
                    SetNull(vector, row, ref validity);
                }
                else if (!value.TryWriteText(source.Bytes(slice), new VectorCell(vector, values, row)))
                {
                    throw Unsupported();
                }
            }
        }
    }

    private sealed unsafe class ListWriter<TValue>(TValue value, string place) : ColumnWriter(place)
        where TValue : struct, IValueWriter
    {
        public override void Write(ColumnRows source, nint vector)
        {
            var entries = (ListEntry*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
            var child = NativeMethods.Vectors.DuckDBListVectorGetChild(vector);
            ulong* validity = null;
            ulong size = 0;
            for (var row = 0; row < source.Count; row++)
            {
                var slice = source[row];
                var start = size;
                if (slice.State == ColumnState.Value)
                    size = WriteElements(source.Bytes(slice), vector, child, size);
                else if (slice.State == ColumnState.Exact)
                    throw Unsupported();
                else
                    SetNull(vector, row, ref validity);
                entries[row] = new ListEntry(start, size - start);
            }

            Check(NativeMethods.Vectors.DuckDBListVectorSetSize(vector, size));
        }

        private ulong WriteElements(ReadOnlySpan<byte> bytes, nint vector, nint child, ulong size)
        {
            var reader = new AvroReader(bytes);
            while (reader.ReadBlockCount() is > 0 and var count)
            {
                // Each element takes a byte at least: a hostile count reserves no more than its input is long.
                Check(NativeMethods.Vectors.DuckDBListVectorReserve(vector, BitOperations.RoundUpToPowerOf2(size + (ulong)count)));
                var values = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(child);
                ulong* validity = null;
                for (; count > 0; count--, size++)
                {
                    if (reader.ReadUnionIndex(2) == 0)
                        SetNull(child, (int)size, ref validity);
                    else if (!value.TryWrite(ref reader, new VectorCell(child, values, (int)size)))
                        throw Unsupported();
                }
            }

            return reader.IsAtEnd ? size : throw Malformed();
        }

        private void Check(DuckDBState state)
        {
            if (state != DuckDBState.Success)
                throw Unsupported();
        }
    }

    /// <summary><c>duckdb_list_entry</c>.</summary>
    private readonly record struct ListEntry(ulong Offset, ulong Length);
}

using System.Collections.Immutable;

namespace Cdc.Contracts.Schema;

/// <summary>
/// The closed family of column types an event can carry, neutral of any source. Each side maps at its own border; the Avro form of each
/// is <c>EventSchemaMapping</c>'s. Equality is by content.
/// </summary>
public abstract record ColumnType
{
    private ColumnType()
    {
    }

    public sealed record Boolean : ColumnType;

    public sealed record Int16 : ColumnType;

    public sealed record Int32 : ColumnType;

    public sealed record Int64 : ColumnType;

    public sealed record Float32 : ColumnType;

    public sealed record Float64 : ColumnType;

    /// <summary>Fixed scale; 1 ≤ precision, 0 ≤ scale ≤ precision. Avro: big-endian two's complement of the unscaled value.</summary>
    public sealed record Decimal(int Precision, int Scale) : ColumnType;

    /// <summary>A number whose scale travels with each value.</summary>
    public sealed record VariableDecimal : ColumnType;

    /// <summary>Text without further meaning, also for types that nothing else fits.</summary>
    public sealed record Text : ColumnType;

    public sealed record Bytes : ColumnType;

    /// <summary>Days since 1970-01-01; infinity is the largest and smallest 32-bit number.</summary>
    public sealed record Date : ColumnType;

    /// <summary>Time of day with 0 to 6 fractional digits: milliseconds up to 3, else microseconds; 24:00 is a whole day.</summary>
    public sealed record Time(int Digits) : ColumnType;

    /// <summary>Wall clock without zone, taken as UTC, since 1970: milliseconds for up to 3 fractional digits, else microseconds.</summary>
    public sealed record Timestamp(int Digits) : ColumnType;

    /// <summary>ISO-8601 text in UTC with exactly the declared fractional digits, or <c>infinity</c>, <c>-infinity</c>.</summary>
    public sealed record ZonedTimestamp(int Digits) : ColumnType;

    /// <summary>ISO time text with its own offset.</summary>
    public sealed record ZonedTime(int Digits) : ColumnType;

    /// <summary>ISO-8601 duration text.</summary>
    public sealed record Interval : ColumnType;

    public sealed record Json : ColumnType;

    public sealed record Xml : ColumnType;

    public sealed record Uuid : ColumnType;

    /// <summary>A path of labels, as text.</summary>
    public sealed record LabelTree : ColumnType;

    /// <summary>A text search vector, as text.</summary>
    public sealed record TextSearchVector : ColumnType;

    /// <summary>One of some labels, in the source's order.</summary>
    public sealed record Enum(ImmutableArray<string> Allowed) : ColumnType
    {
        public bool Equals(Enum? other) => other is not null && Allowed.SequenceEqual(other.Allowed, StringComparer.Ordinal);

        public override int GetHashCode() => Allowed.Length == 0 ? 0 : StringComparer.Ordinal.GetHashCode(Allowed[0]) * 31 + Allowed.Length;
    }

    /// <summary>A fixed number of bits: little-endian bytes, lowest bits first.</summary>
    public sealed record Bits(int Length) : ColumnType;

    /// <summary>A point of the plane: two doubles.</summary>
    public sealed record Point : ColumnType;

    /// <summary>A one-dimensional array with lower bound 1; elements may be null.</summary>
    public sealed record Array(ColumnType Element) : ColumnType;
}

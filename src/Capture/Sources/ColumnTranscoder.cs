using Cdc.Contracts.Avro;

namespace Cdc.Capture.Sources;

/// <summary>
/// Turns one column's bytes, as the source sends them, into Avro. Picked once per table schema; it has no state of its own and no
/// allocation per value. The same one serves a table's read and its stream, so a value has one encoding.
/// </summary>
public abstract class ColumnTranscoder
{
    /// <summary>
    /// Writes the value's Avro (without the union's branch number). False when the column's schema cannot carry the value (NaN in a
    /// decimal, an array of two dimensions): nothing is left written, and the value travels as text in <c>exact</c>. Throws
    /// <c>CDC-2040</c> for text that no server would send.
    /// </summary>
    public abstract bool TryWrite(ReadOnlySpan<byte> source, AvroWriter writer);

    /// <summary>
    /// Writes what stands in for a value that was not sent; false where the type has no such placeholder: null is written.
    /// </summary>
    public virtual bool TryWritePlaceholder(AvroWriter writer) => false;
}

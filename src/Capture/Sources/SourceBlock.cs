using Cdc.Contracts.Avro;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Sources;

/// <summary>
/// The envelope's field <c>source</c> of one kind of database: its schema, and the present change's facts, which the source sets before it
/// hands a change out.
/// </summary>
public abstract class SourceBlock
{
    public abstract AvroSchema.Record Schema { get; }

    /// <summary>What the block says of a table, encoded once.</summary>
    public abstract byte[] EncodeTable(TableId table);

    /// <summary>The events that follow are rows that were read, not changes.</summary>
    public abstract void BeginRead(DateTimeOffset now);

    /// <summary>Changes follow again.</summary>
    public abstract void EndRead();

    /// <param name="writer">Where to.</param>
    /// <param name="table">What <see cref="EncodeTable"/> made.</param>
    public abstract void Write(AvroWriter writer, ReadOnlySpan<byte> table);
}

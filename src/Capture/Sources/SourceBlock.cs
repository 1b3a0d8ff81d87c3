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

    public abstract void Write(AvroWriter writer, TableId table);
}

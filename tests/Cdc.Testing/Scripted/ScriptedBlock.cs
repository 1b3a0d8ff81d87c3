using System.Text;
using Cdc.Capture.Sources;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Schema;

namespace Cdc.Testing.Scripted;

/// <summary>The field <c>source</c> of the script's events: no more than an event must have, and the table's name.</summary>
public sealed class ScriptedBlock : SourceBlock
{
    public override AvroSchema.Record Schema { get; } = new(
        AvroName.Of("scripted.Source", ""),
        [
            new AvroField("ts_ms", new AvroSchema.Primitive(AvroKind.Long)),
            new AvroField("table", new AvroSchema.Primitive(AvroKind.String)),
        ]);

    public override byte[] EncodeTable(TableId table) => Encoding.UTF8.GetBytes(table.ToString());

    public override void BeginRead(DateTimeOffset now)
    {
    }

    public override void EndRead()
    {
    }

    public override void Write(AvroWriter writer, ReadOnlySpan<byte> table)
    {
        writer.WriteLong(0);
        writer.WriteBytes(table);
    }
}

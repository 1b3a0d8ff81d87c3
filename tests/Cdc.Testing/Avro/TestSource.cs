using Cdc.Contracts.Avro;

namespace Cdc.Testing.Avro;

/// <summary>A block <c>source</c> as a Postgres source describes it, for tests that do not need the real one.</summary>
public static class TestSource
{
    public static AvroSchema.Record Schema { get; } = (AvroSchema.Record)AvroSchemaText.Parse(
        """
        {"type":"record","name":"Source","namespace":"io.debezium.connector.postgresql","fields":[
          {"name":"version","type":"string"},
          {"name":"connector","type":"string"},
          {"name":"name","type":"string"},
          {"name":"ts_ms","type":"long"},
          {"name":"snapshot","type":[{"type":"string","connect.version":1,
            "connect.parameters":{"allowed":"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},
            "connect.default":"false","connect.name":"io.debezium.data.Enum"},"null"],"default":"false"},
          {"name":"db","type":"string"},
          {"name":"sequence","type":["null","string"],"default":null},
          {"name":"ts_us","type":["null","long"],"default":null},
          {"name":"ts_ns","type":["null","long"],"default":null},
          {"name":"schema","type":"string"},
          {"name":"table","type":"string"},
          {"name":"txId","type":["null","long"],"default":null},
          {"name":"lsn","type":["null","long"],"default":null},
          {"name":"xmin","type":["null","long"],"default":null},
          {"name":"origin","type":["null","string"],"default":null},
          {"name":"origin_lsn","type":["null","long"],"default":null}],
         "connect.version":1,"connect.name":"io.debezium.connector.postgresql.Source"}
        """);

    /// <summary>Writes a block of <see cref="Schema"/>.</summary>
    public static void Write(AvroWriter writer, string schema, string table, long committedAt)
    {
        writer.WriteString("0.1.0");
        writer.WriteString("postgresql");
        writer.WriteString("shop");
        writer.WriteLong(committedAt / 1000);
        writer.WriteUnionIndex(0);
        writer.WriteString("false");
        writer.WriteString("shopdb");
        writer.WriteUnionIndex(1);
        writer.WriteString("[\"1000\",\"1064\"]");
        writer.WriteUnionIndex(1);
        writer.WriteLong(committedAt);
        writer.WriteUnionIndex(1);
        writer.WriteLong(committedAt * 1000);
        writer.WriteString(schema);
        writer.WriteString(table);
        writer.WriteUnionIndex(1);
        writer.WriteLong(775);
        writer.WriteUnionIndex(1);
        writer.WriteLong(1064);
        for (var i = 0; i < 3; i++)
            writer.WriteUnionIndex(0);
    }
}

namespace Cdc.Contracts.Avro;

/// <summary>Names that the event format fixes: Kafka Connect's, Debezium's, and those of our own additions.</summary>
public static class SchemaNames
{
    public const string ConnectName = "connect.name";
    public const string ConnectVersion = "connect.version";
    public const string ConnectType = "connect.type";
    public const string ConnectDefault = "connect.default";
    public const string ConnectParameters = AvroProperties.Parameters;
    public const string LogicalType = "logicalType";

    public const string ConnectDecimal = "org.apache.kafka.connect.data.Decimal";
    public const string ConnectDate = "org.apache.kafka.connect.data.Date";
    public const string ConnectTime = "org.apache.kafka.connect.data.Time";
    public const string ConnectTimestamp = "org.apache.kafka.connect.data.Timestamp";
    public const string ConnectDecimalPrecision = "connect.decimal.precision";

    public const string Date = "io.debezium.time.Date";
    public const string Time = "io.debezium.time.Time";
    public const string MicroTime = "io.debezium.time.MicroTime";
    public const string Timestamp = "io.debezium.time.Timestamp";
    public const string MicroTimestamp = "io.debezium.time.MicroTimestamp";
    public const string ZonedTimestamp = "io.debezium.time.ZonedTimestamp";
    public const string ZonedTime = "io.debezium.time.ZonedTime";
    public const string Interval = "io.debezium.time.Interval";
    public const string Year = "io.debezium.time.Year";
    public const string IsoDate = "io.debezium.time.IsoDate";
    public const string IsoTime = "io.debezium.time.IsoTime";
    public const string IsoTimestamp = "io.debezium.time.IsoTimestamp";

    public const string Json = "io.debezium.data.Json";
    public const string Xml = "io.debezium.data.Xml";
    public const string Uuid = "io.debezium.data.Uuid";
    public const string LabelTree = "io.debezium.data.Ltree";
    public const string TextSearchVector = "io.debezium.data.Tsvector";
    public const string Enum = "io.debezium.data.Enum";
    public const string EnumSet = "io.debezium.data.EnumSet";
    public const string Bits = "io.debezium.data.Bits";
    public const string VariableScaleDecimal = "io.debezium.data.VariableScaleDecimal";
    public const string Point = "io.debezium.data.geometry.Point";

    public const string TransactionBlock = "event.block";

    /// <summary>Parameter: a column's type as the source writes it.</summary>
    public const string SourceColumnType = "__debezium.source.column.type";

    /// <summary>Parameter: a column's name as the source writes it.</summary>
    public const string SourceColumnName = "__debezium.source.column.name";

    /// <summary>Parameter: a column's scale; of a time, its fractional digits.</summary>
    public const string SourceColumnScale = "__debezium.source.column.scale";

    /// <summary>Parameter: an enum's labels with commas between them.</summary>
    public const string Allowed = "allowed";

    /// <summary>Parameter of ours: an enum's labels as a JSON list, where <see cref="Allowed"/> cannot be taken apart again.</summary>
    public const string AllowedList = "cdc.allowed";

    /// <summary>Property of ours on the envelope: the source's schema of the table.</summary>
    public const string TableSchema = "cdc.table.schema";

    /// <summary>Property of ours on the envelope: the source's name of the table.</summary>
    public const string TableName = "cdc.table.name";
}

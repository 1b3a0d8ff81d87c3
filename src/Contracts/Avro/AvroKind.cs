namespace Cdc.Contracts.Avro;

/// <summary>Avro's primitive types; the names in lower case are those of the schema texts.</summary>
public enum AvroKind
{
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
}

namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode AvroMalformed = new(4001, ErrorKind.RecordUnreadable, "Bytes are not the Avro they should be",
        "The record was written with another schema or is damaged; look at its producer, then re-read the table with 'cdc resync'.");

    public static readonly ErrorCode AvroSchemaInvalid = new(4002, ErrorKind.RecordUnreadable, "A schema is not valid Avro",
        "Look at who registered the schema; correct it in the registry.");

    public static readonly ErrorCode WireFormatUnknown = new(4003, ErrorKind.RecordUnreadable, "A record is not in Confluent's wire format",
        "The topic was written by a producer without a schema registry; subscribe to topics of a capture only.");

    public static readonly ErrorCode EnvelopeUnsuitable = new(4004, ErrorKind.RecordUnreadable, "A record's schema is not a change event's",
        "Subscribe to topics of a capture, or of Debezium with its Avro converter, only.");

    public static readonly ErrorCode SchemaIncompatible = new(4010, ErrorKind.RegistryIncompatible,
        "The registry refuses a schema as incompatible",
        "Undo the change of the table, or let the subject's compatibility permit it; then re-read the table with 'cdc resync'.");

    public static readonly ErrorCode TopicKeyMoved = new(4012, ErrorKind.RegistryIncompatible,
        "A table's key became another one, and its topic has several partitions",
        "Under another key a row can lie in another partition, where a sink may apply old changes behind new ones. Give the table its " +
        "earlier key back, or begin anew under another 'topicPrefix'.");

    public static readonly ErrorCode SchemaUnknown = new(4011, ErrorKind.SchemaMissing, "The registry has no schema of a number",
        "The registry is another one than the records were written with, or lost its content; bring it back from a copy.");
}

namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode AvroMalformed = new(4001, ErrorKind.RecordUnreadable, "A record is not valid Avro of its schema",
        "The record was written with another schema or is damaged. Look at its producer, then run 'cdc resync' for the table.");

    public static readonly ErrorCode AvroSchemaInvalid = new(4002, ErrorKind.RecordUnreadable, "A schema is not valid Avro",
        "Find out who registered the schema, and correct it in the registry.");

    public static readonly ErrorCode WireFormatUnknown = new(4003, ErrorKind.RecordUnreadable, "A record is not in Confluent's wire format",
        "The topic was written by a producer without a schema registry. Subscribe only to topics of a capture.");

    public static readonly ErrorCode EnvelopeUnsuitable = new(4004, ErrorKind.RecordUnreadable,
        "A record's schema is not that of a change event",
        "Subscribe only to topics of a capture, or of Debezium with its Avro converter.");

    public static readonly ErrorCode SchemaIncompatible = new(4010, ErrorKind.RegistryIncompatible,
        "The registry refuses a schema as incompatible",
        "Undo the change of the table, or let the subject's compatibility allow it. Then run 'cdc resync' for the table.");

    public static readonly ErrorCode TopicKeyMoved = new(4012, ErrorKind.RegistryIncompatible,
        "The key of a table changed, and its topic has several partitions",
        "Under another key a row can be in another partition, where a sink may apply old changes after new ones. Give the table its " +
        "earlier key back, or start from nothing under another 'topicPrefix'.");

    public static readonly ErrorCode SchemaUnknown = new(4011, ErrorKind.SchemaMissing, "The registry does not have the schema of a record",
        "This is not the registry that the records were written with, or it lost its content. Bring it back from a copy.");
}

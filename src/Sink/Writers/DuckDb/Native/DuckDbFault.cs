namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary><c>duckdb_error_type</c>, the members that are told apart; the others keep their numbers.</summary>
internal enum DuckDbFault
{
    Invalid = 0,
    OutOfRange = 1,
    Conversion = 2,
    Decimal = 4,
    Transaction = 10,
    NotImplemented = 11,
    Catalog = 13,
    Parser = 14,
    Constraint = 18,
    Settings = 23,
    Binder = 24,
    InputOutput = 28,
    Interrupt = 29,
    Fatal = 30,
    Internal = 31,
    InvalidInput = 32,
    OutOfMemory = 33,
    Permission = 34,
    MissingExtension = 39,
}

/// <summary><c>duckdb_type</c>, the members that columns of ours can have.</summary>
internal enum DuckDbTypeId
{
    Invalid = 0,
    Boolean = 1,
    SmallInt = 3,
    Integer = 4,
    BigInt = 5,
    Float = 10,
    Double = 11,
    Timestamp = 12,
    Date = 13,
    Time = 14,
    Varchar = 17,
    Blob = 18,
    Decimal = 19,
    List = 24,
    Uuid = 27,
    TimestampTz = 31,
}

namespace Cdc.Capture.Postgres.Decoding;

/// <summary>
/// The messages of pgoutput, protocol 1; the values are their codes (protocol chapter "Logical Replication Message Formats", PostgreSQL 14
/// to 18).
/// </summary>
public enum MessageKind : byte
{
    Begin = (byte)'B',
    Commit = (byte)'C',
    Origin = (byte)'O',
    Relation = (byte)'R',
    Type = (byte)'Y',
    Insert = (byte)'I',
    Update = (byte)'U',
    Delete = (byte)'D',
    Truncate = (byte)'T',
    LogicalMessage = (byte)'M',
}

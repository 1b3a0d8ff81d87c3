namespace Cdc.Contracts.Errors;

/// <summary>What went wrong, read as side and fault. <see cref="ErrorPolicy"/> says what follows from each.</summary>
public enum ErrorKind
{
    /// <summary>The configuration cannot mean anything: a wrong key, type, name or combination.</summary>
    ConfigurationInvalid,

    /// <summary>A secret named by the configuration is not there.</summary>
    SecretMissing,

    /// <summary>The source cannot be reached, or dropped the connection.</summary>
    SourceUnreachable,

    /// <summary>The source refused the user.</summary>
    SourceAccessDenied,

    /// <summary>A setting of the source does not allow change capture.</summary>
    SourceSettingUnsuitable,

    /// <summary>The source no longer has the changes after our position, or is another history.</summary>
    SourcePositionLost,

    /// <summary>Another process reads this source.</summary>
    SourceBusy,

    /// <summary>A table of the source cannot be captured as it is.</summary>
    SourceSchemaUnsupported,

    /// <summary>The source refused to read or describe a table: a right, a lock, damage.</summary>
    SourceTableUnreadable,

    /// <summary>The source no longer has a table, and what its changes look like is not known.</summary>
    SourceTableGone,

    /// <summary>A value of the source cannot be carried.</summary>
    SourceValueUnsupported,

    /// <summary>The other side sent bytes that the protocol does not allow, or that we do not know.</summary>
    ProtocolViolation,

    /// <summary>The log belongs to another process, or another writer took this prefix over.</summary>
    LogFenced,

    /// <summary>The log's storage failed or is full.</summary>
    LogUnavailable,

    /// <summary>What the log holds is damaged.</summary>
    LogCorrupt,

    /// <summary>The log does not hold the offset that is asked for: a gap.</summary>
    LogPositionLost,

    /// <summary>The schema registry cannot be reached.</summary>
    RegistryUnreachable,

    /// <summary>The schema registry refuses a schema as incompatible.</summary>
    RegistryIncompatible,

    /// <summary>The schema registry does not have the schema that a record was written with.</summary>
    SchemaMissing,

    /// <summary>A record, schema or encoded value cannot be read.</summary>
    RecordUnreadable,

    /// <summary>The target cannot be reached, is restarting, or is held by another.</summary>
    TargetUnreachable,

    /// <summary>The target refused the user.</summary>
    TargetAccessDenied,

    /// <summary>The target has no room left.</summary>
    TargetFull,

    /// <summary>Two transactions of the target stood in each other's way.</summary>
    TargetConflict,

    /// <summary>A table of the target is not as this sink needs it, or belongs to another.</summary>
    TargetTableUnsuitable,

    /// <summary>What a table is to be called, or where it is to be, does not work in this target.</summary>
    TargetNameUnsuitable,

    /// <summary>The target cannot hold a value or type.</summary>
    TargetValueUnsupported,

    /// <summary>A value is larger than a setting lets a table's values be.</summary>
    TargetValueTooLarge,

    /// <summary>
    /// What one transaction brings is more than the target can take at once. Which table is to blame shows when each comes alone.
    /// </summary>
    TargetTransactionTooLarge,

    /// <summary>The ledger moved under this sink, or does not fit the log.</summary>
    LedgerMismatch,

    /// <summary>A rule of the platform itself was broken: a defect.</summary>
    Internal,
}

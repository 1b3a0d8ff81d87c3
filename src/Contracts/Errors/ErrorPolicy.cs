namespace Cdc.Contracts.Errors;

/// <summary>What a role does about an error; ordered from lenient to strict.</summary>
public enum ErrorResponse
{
    /// <summary>Back off and try again; nothing is lost by waiting.</summary>
    Retry,

    /// <summary>Stop the table, keep the others going.</summary>
    StopTable,

    /// <summary>Stop the role: capture of this source, or this sink.</summary>
    StopRole,
}

/// <summary>The one place that decides what follows from an error.</summary>
public static class ErrorPolicy
{
    public static ErrorResponse For(ErrorKind kind) => kind switch
    {
        ErrorKind.SourceUnreachable or
        ErrorKind.SourceBusy or
        ErrorKind.RegistryUnreachable or
        ErrorKind.TargetUnreachable or
        ErrorKind.TargetFull or
        ErrorKind.TargetConflict => ErrorResponse.Retry,

        ErrorKind.SourceSchemaUnsupported or
        ErrorKind.SourceTableUnreadable or
        ErrorKind.SourceTableGone or
        ErrorKind.SourceValueUnsupported or
        ErrorKind.LogPositionLost or
        ErrorKind.RegistryIncompatible or
        ErrorKind.RecordUnreadable or
        ErrorKind.SchemaMissing or
        ErrorKind.TargetTableUnsuitable or
        ErrorKind.TargetNameUnsuitable or
        ErrorKind.TargetValueTooLarge or
        ErrorKind.TargetTransactionTooLarge or
        ErrorKind.TargetValueUnsupported => ErrorResponse.StopTable,

        ErrorKind.ConfigurationInvalid or
        ErrorKind.SecretMissing or
        ErrorKind.SourceAccessDenied or
        ErrorKind.SourceSettingUnsuitable or
        ErrorKind.SourcePositionLost or
        ErrorKind.ProtocolViolation or
        ErrorKind.LogFenced or
        ErrorKind.LogUnavailable or
        ErrorKind.LogCorrupt or
        ErrorKind.TargetAccessDenied or
        ErrorKind.LedgerMismatch or
        ErrorKind.Internal => ErrorResponse.StopRole,

        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of error."),
    };

    /// <summary>
    /// Whether what stopped a table can pass without a word to us (a right is granted, a lock released, a shape corrected): then it is
    /// tried again. What a setting of ours is too small for is tried again at the next start, which reads the settings.
    /// </summary>
    public static bool PassesByItself(ErrorKind kind) => kind is
        ErrorKind.SourceTableUnreadable or ErrorKind.SourceSchemaUnsupported or ErrorKind.SourceAccessDenied
            or ErrorKind.RegistryIncompatible or
        ErrorKind.TargetTableUnsuitable or ErrorKind.TargetValueUnsupported
        or ErrorKind.SchemaMissing;
}

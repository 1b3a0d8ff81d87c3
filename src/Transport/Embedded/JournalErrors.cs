using Cdc.Contracts.Errors;

namespace Cdc.Transport.Embedded;

/// <summary>The texts of the journal's errors.</summary>
internal static class JournalErrors
{
    public static CdcException Damaged(string path, long position, string found) =>
        new(ErrorCodes.LogCorrupt, FormattableString.Invariant($"Reading the log's file '{path}' at byte {position}, {found}."));

    public static CdcException FormatUnknown(string path, long position, string found) =>
        new(ErrorCodes.LogFormatUnknown,
            FormattableString.Invariant($"Reading the log's file '{path}' at byte {position}, found {found}."));

    public static CdcException StorageFailed(string doing, string path, Exception inner) =>
        new(ErrorCodes.LogStorageFailed, $"{doing} '{path}', the storage failed: {inner.Message.TrimEnd('.')}.", inner);

    /// <summary>True for the ways in which .NET tells that a file operation failed.</summary>
    public static bool IsStorageFailure(Exception error) => error is IOException or UnauthorizedAccessException;
}

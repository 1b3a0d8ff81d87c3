using Cdc.Contracts.Errors;
using Cdc.Sink.Writers.DuckDb.Native;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>What DuckDB was asked to do.</summary>
internal enum DuckDbStep
{
    /// <summary>Something on the ledger.</summary>
    Ledger,

    /// <summary>Something on one table, so that the table can stop alone.</summary>
    Table,

    /// <summary>To commit what was written, of all tables at once.</summary>
    Commit,
}

/// <summary>What DuckDB's faults mean to a sink.</summary>
internal static class DuckDbErrors
{
    /// <summary>Opening the file, where DuckDB tells faults apart by nothing but its text.</summary>
    /// <param name="error">What DuckDB said.</param>
    /// <param name="path">The file.</param>
    /// <param name="logBytes">How long its log is, which is applied again when it is opened.</param>
    public static CdcException Opening(DuckDbException error, string path, long logBytes)
    {
        var code = error.Fault switch
        {
            DuckDBErrorType.Io when Says(error, "lock on file") => ErrorCodes.TargetHeld,
            DuckDBErrorType.Io when Says(error, "Permission denied") => ErrorCodes.TargetAccessDenied,
            DuckDBErrorType.Io when Says(error, "No space left") => ErrorCodes.TargetFull,
            DuckDBErrorType.Io when Says(error, "valid DuckDB database file") || Says(error, "version number")
                || Says(error, "s a directory")
                => ErrorCodes.DuckDbFileUnsuitable,
            _ when IsOfMemory(error) => ErrorCodes.DuckDbMemoryShort,
            _ => ErrorCodes.DuckDbFailed,
        };
        var applied = code == ErrorCodes.DuckDbMemoryShort ? FormattableString.Invariant($" and applying its log of {logBytes} bytes") : "";
        return new CdcException(code, $"Opening '{path}'{applied}, DuckDB answered: {error.Message}.", error);
    }

    /// <param name="doing">As a message begins: <c>writing into table 'public.t'</c>.</param>
    public static Exception Translate(DuckDbException error, string doing, DuckDbStep step, CancellationToken cancellationToken)
    {
        if (error.Fault == DuckDBErrorType.Interrupt)
            return new OperationCanceledException(cancellationToken);
        var ofTable = step == DuckDbStep.Table;
        var code = error.Fault switch
        {
            DuckDBErrorType.OutOfMemory when step != DuckDbStep.Ledger => ErrorCodes.DuckDbRowsTooLarge,
            DuckDBErrorType.Transaction when step == DuckDbStep.Commit && IsOfMemory(error) => ErrorCodes.DuckDbRowsTooLarge,
            DuckDBErrorType.Transaction => ErrorCodes.TargetConflict,
            DuckDBErrorType.Io when Says(error, "No space left") => ErrorCodes.TargetFull,
            DuckDBErrorType.Io => ErrorCodes.TargetUnreachable,
            DuckDBErrorType.OutOfMemory => ErrorCodes.DuckDbMemoryShort,
            DuckDBErrorType.Fatal or DuckDBErrorType.Internal => ErrorCodes.DuckDbFailed,
            DuckDBErrorType.Conversion or DuckDBErrorType.OutOfRange or DuckDBErrorType.Decimal when ofTable =>
                ErrorCodes.TargetValueUnsupported,
            _ => ofTable ? ErrorCodes.TargetFailed : ErrorCodes.DuckDbFailed,
        };
        return new CdcException(code, $"In DuckDB, {doing} was refused: {error.Message}.", error);
    }

    /// <summary>Where a commit, or the log at the opening, does not fit, the fault is the transaction's and the text tells why.</summary>
    private static bool IsOfMemory(DuckDbException error) => error.Fault == DuckDBErrorType.OutOfMemory
        || (error.Fault == DuckDBErrorType.Transaction && (Says(error, "Out of Memory") || Says(error, "could not allocate")));

    private static bool Says(DuckDbException error, string words) => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}

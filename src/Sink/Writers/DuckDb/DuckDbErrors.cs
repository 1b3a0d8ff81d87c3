using Cdc.Contracts.Errors;
using Cdc.Sink.Writers.DuckDb.Native;

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>What DuckDB's faults mean to a sink.</summary>
internal static class DuckDbErrors
{
    /// <summary>Opening the file, where DuckDB tells faults apart by nothing but its text.</summary>
    public static CdcException Opening(DuckDbException error, string path)
    {
        var code = error.Fault switch
        {
            DuckDbFault.InputOutput when Says(error, "lock on file") => ErrorCodes.TargetHeld,
            DuckDbFault.InputOutput when Says(error, "Permission denied") => ErrorCodes.TargetAccessDenied,
            DuckDbFault.InputOutput when Says(error, "No space left") => ErrorCodes.TargetFull,
            DuckDbFault.InputOutput when Says(error, "valid DuckDB database file") || Says(error, "version number") || Says(error, "s a directory")
                => ErrorCodes.DuckDbFileUnsuitable,
            DuckDbFault.OutOfMemory => ErrorCodes.DuckDbMemoryShort,
            _ => ErrorCodes.DuckDbFailed,
        };
        return new CdcException(code, $"Opening '{path}', DuckDB answered: {error.Message}.", error);
    }

    /// <param name="doing">As a message begins: <c>writing into table 'public.t'</c>.</param>
    /// <param name="ofTable">Whether a table was concerned, so that the table can stop alone.</param>
    public static Exception Translate(DuckDbException error, string doing, bool ofTable, CancellationToken cancellationToken)
    {
        if (error.Fault == DuckDbFault.Interrupt)
            return new OperationCanceledException(cancellationToken);
        var code = error.Fault switch
        {
            DuckDbFault.Transaction => ErrorCodes.TargetConflict,
            DuckDbFault.InputOutput when Says(error, "No space left") => ErrorCodes.TargetFull,
            DuckDbFault.InputOutput => ErrorCodes.TargetUnreachable,
            DuckDbFault.OutOfMemory => ErrorCodes.DuckDbMemoryShort,
            DuckDbFault.Fatal or DuckDbFault.Internal => ErrorCodes.DuckDbFailed,
            DuckDbFault.Conversion or DuckDbFault.OutOfRange or DuckDbFault.Decimal when ofTable => ErrorCodes.TargetValueUnsupported,
            _ => ofTable ? ErrorCodes.TargetFailed : ErrorCodes.DuckDbFailed,
        };
        return new CdcException(code, $"In DuckDB, {doing} was refused: {error.Message}.", error);
    }

    private static bool Says(DuckDbException error, string words) => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}

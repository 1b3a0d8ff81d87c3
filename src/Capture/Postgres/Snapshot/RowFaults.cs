using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Npgsql;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>What the server says while it sends rows, and that is one row's fault: it stops the table that the row is in.</summary>
internal static class RowFaults
{
    private const string LimitExceeded = "54000";
    private const string ByteSequenceInvalid = "22021";
    private const string CharacterUntranslatable = "22P05";

    /// <summary>Null where the error is another one.</summary>
    public static CdcException? From(PostgresException error, TableId table) => error.SqlState switch
    {
        LimitExceeded => new CdcException(ErrorCodes.SourceRowTooLong,
            $"Reading table '{table}', the server could not send a row: '{error.MessageText}' (SQLSTATE '{error.SqlState}').", error),

        // Its message quotes the bytes (Invariant 8).
        ByteSequenceInvalid or CharacterUntranslatable => new CdcException(ErrorCodes.SourceTextNotUtf8,
            $"Reading table '{table}', the server could not turn a row's text into UTF-8 (SQLSTATE '{error.SqlState}').", error),
        _ => null,
    };
}

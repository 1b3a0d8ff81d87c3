using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Npgsql;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>What a session was doing when the server answered with an error; the same SQLSTATE means another thing in each.</summary>
internal enum SessionStep
{
    Open,
    Command,

    /// <summary>Work on one table: what the server says is the table's, unless it concerns the session or the server.</summary>
    Table,
    StartStream,
    Stream,
}

/// <summary>
/// The one place where the server's errors become ours: by SQLSTATE (appendix "PostgreSQL Error Codes", PostgreSQL 14 to 18), never by
/// the message's text.
/// </summary>
internal static class PostgresErrors
{
    /// <summary>The driver says of a session that is closed by now that the operation is invalid.</summary>
    private const string Driver = "Npgsql";

    /// <param name="doing">The first half of the sentence: what was being done and on what.</param>
    public static CdcException From(ServerError error, SessionStep step, string doing) =>
        new(CodeOf(error.SqlState, step), Sentence(doing, error.SqlState, error.Message));

    /// <summary>Translates what Npgsql throws; null for an exception that is not the server's or the connection's.</summary>
    public static CdcException? From(Exception exception, SessionStep step, string doing) => exception switch
    {
        PostgresException server =>
            new CdcException(CodeOf(server.SqlState, step), Sentence(doing, server.SqlState, server.MessageText), server),
        NpgsqlException { InnerException: AuthenticationException or CryptographicException or FileNotFoundException
            or DirectoryNotFoundException }
            or FileNotFoundException or DirectoryNotFoundException or CryptographicException => new CdcException(ErrorCodes.SourceTlsFailed,
            $"{doing} failed: the TLS handshake did not succeed.", exception),
        NpgsqlException or SocketException or IOException or TimeoutException or InvalidOperationException { Source: Driver } =>
            new CdcException(
            ErrorCodes.SourceUnreachable, $"{doing} failed: the connection could not be made or was lost.", exception),
        _ => null,
    };

    /// <summary>
    /// As above, while an SQL session is opened. The driver itself gives up, without a cause below, for two reasons: the server has no TLS
    /// where it is required, or it wants a password where there is none.
    /// </summary>
    public static CdcException? FromOpening(Exception exception, PostgresOptions options, string doing) => exception switch
    {
        PostgresException => From(exception, SessionStep.Open, doing),
        NpgsqlException { InnerException: null } when options.Tls.Mode >= TlsMode.Require && !ServerSocket.IsUnix(options) =>
            new CdcException(
            ErrorCodes.SourceTlsFailed, $"{doing} failed: the server did not agree to TLS, or wants a password.", exception),
        NpgsqlException { InnerException: null } when options.Password is null => new CdcException(
            ErrorCodes.SourceAccessDenied, $"{doing} failed: the server wanted a password and none is set.", exception),
        _ => From(exception, SessionStep.Open, doing),
    };

    internal static ErrorCode CodeOf(string sqlState, SessionStep step) => step == SessionStep.Table ? CodeOfTable(sqlState)
        : sqlState switch
    {
        "08P01" => ErrorCodes.SourceProtocolViolation,
        "42501" => ErrorCodes.SourceRightMissing,
        "42704" => step switch
        {
            SessionStep.StartStream => ErrorCodes.SourceSlotMissing,
            SessionStep.Stream => ErrorCodes.SourcePublicationMissing,
            _ => ErrorCodes.SourceSettingUnsuitable,
        },
        "55000" => step is SessionStep.StartStream or SessionStep.Stream ? ErrorCodes.SourceSlotInvalidated
            : ErrorCodes.SourceSettingUnsuitable,
        "58P01" => ErrorCodes.SourceSlotInvalidated,
        "55006" => ErrorCodes.SourceBusy,
        "55P03" or "40P01" => ErrorCodes.SourceUnreachable,
        "3D000" or "53400" or "57P04" => ErrorCodes.SourceSettingUnsuitable,
        "57014" or "57P01" or "57P02" or "57P03" or "57P05" => ErrorCodes.SourceUnreachable,
        _ => CodeOfClass(sqlState),
    };

    /// <summary>A closed list is of the session or the server; all else, known or not, is the table's.</summary>
    private static ErrorCode CodeOfTable(string sqlState) => sqlState switch
    {
        "42501" => ErrorCodes.SourceTableDenied,
        "54000" => ErrorCodes.SourceRowTooLong,
        "22021" or "22P05" => ErrorCodes.SourceTextUntranslatable,
        "55P03" or "40P01" => ErrorCodes.SourceTableLocked,
        "08P01" or "57P04" => CodeOf(sqlState, SessionStep.Command),
        _ when sqlState.StartsWith("57P", StringComparison.Ordinal) => ErrorCodes.SourceUnreachable,
        _ => (sqlState.Length >= 2 ? sqlState[..2] : "") switch
        {
            "08" or "53" or "58" => ErrorCodes.SourceUnreachable,
            "28" => ErrorCodes.SourceAccessDenied,
            _ => ErrorCodes.SourceTableUnreadable,
        },
    };

    private static ErrorCode CodeOfClass(string sqlState) => (sqlState.Length >= 2 ? sqlState[..2] : "") switch
    {
        "08" => ErrorCodes.SourceUnreachable,
        "28" => ErrorCodes.SourceAccessDenied,

        // Out of memory, disk or connections: passes by itself or by the DBA's hand.
        "53" => ErrorCodes.SourceUnreachable,
        _ => ErrorCodes.SourceFailed,
    };

    // Invariant 8: messages about data and constraints quote values.
    private static string Sentence(string doing, string sqlState, string message) =>
        sqlState.StartsWith("22", StringComparison.Ordinal) || sqlState.StartsWith("23", StringComparison.Ordinal)
            ? $"{doing} failed: the server answered with SQLSTATE '{sqlState}'."
            : $"{doing} failed: the server answered '{message}' (SQLSTATE '{sqlState}').";
}

using System.Security.Authentication;
using Cdc.Contracts.Errors;
using Npgsql;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>Turns the driver's errors into ours, by SQLSTATE (PostgreSQL manual, appendix "PostgreSQL Error Codes"), never by text.</summary>
public static class PostgresErrors
{
    /// <param name="error">What was thrown; one of ours comes back as it is.</param>
    /// <param name="doing">What was being done, such as <c>Reading the catalog of 'shop'</c>.</param>
    public static CdcException Translate(Exception error, string doing) => error switch
    {
        CdcException known => known,
        PostgresException answer => new CdcException(
            CodeOf(answer.SqlState), $"{doing}, the server answered '{answer.SqlState}': {answer.MessageText}.", answer),
        _ when Causes(error).Any(cause => cause is AuthenticationException) =>
            new CdcException(ErrorCodes.SourceTlsFailed, $"{doing}, TLS could not be agreed on: {error.GetBaseException().Message}", error),
        _ => new CdcException(ErrorCodes.SourceUnreachable, $"{doing}, the connection failed: {error.GetBaseException().Message}", error),
    };

    private static ErrorCode CodeOf(string sqlState) => sqlState switch
    {
        // 08 connection, 53 resources, 57P01 to 57P03 shutdown and startup, 40 transaction rollback.
        _ when sqlState.StartsWith("08", StringComparison.Ordinal) => ErrorCodes.SourceUnreachable,
        _ when sqlState.StartsWith("53", StringComparison.Ordinal) => ErrorCodes.SourceUnreachable,
        _ when sqlState.StartsWith("40", StringComparison.Ordinal) => ErrorCodes.SourceUnreachable,
        "57P01" or "57P02" or "57P03" => ErrorCodes.SourceUnreachable,
        // 28 authorisation, 42501 privilege, 3D000 database.
        _ when sqlState.StartsWith("28", StringComparison.Ordinal) => ErrorCodes.SourceAccessDenied,
        "42501" or "3D000" => ErrorCodes.SourceAccessDenied,
        _ => ErrorCodes.SourceQueryFailed,
    };

    private static IEnumerable<Exception> Causes(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}

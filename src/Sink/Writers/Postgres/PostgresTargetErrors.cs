using System.Security.Authentication;
using System.Security.Cryptography;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Npgsql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>
/// The one place where the driver's exceptions become ours, by SQLSTATE
/// (https://www.postgresql.org/docs/current/errcodes-appendix.html, version 18).
/// </summary>
internal static class PostgresTargetErrors
{
    /// <summary>Ours for the driver's; null for what is neither the driver's nor the network's.</summary>
    /// <param name="doing">What was being done, on what: <c>merging 3 rows into table 'public.orders'</c>.</param>
    /// <param name="columnOf">
    /// Names a staging column's column; the server's context of an error in a copy has the former. Asked for -1 where it has none: then it
    /// names those that can be meant.
    /// </param>
    public static CdcException? Translate(Exception exception, string doing, Func<int, string?>? columnOf = null) => exception switch
    {
        PostgresException server => FromServer(server, doing, columnOf),
        NpgsqlException { InnerException: AuthenticationException or CryptographicException or FileNotFoundException
            or DirectoryNotFoundException }
            or FileNotFoundException or DirectoryNotFoundException or CryptographicException => new CdcException(
            ErrorCodes.TargetTlsFailed, $"While {doing}, the TLS handshake failed.", exception),
        NpgsqlException or IOException or TimeoutException or System.Net.Sockets.SocketException => new CdcException(
            ErrorCodes.TargetUnreachable, $"While {doing}, the connection failed: {exception.Message}", exception),
        _ => null,
    };

    /// <summary>
    /// As above, of work on one table: what the user may not do to it, and a lock that somebody has on it, concern that table alone.
    /// </summary>
    public static CdcException? TranslateOnTable(Exception exception, string doing, Func<int, string?>? columnOf = null) => exception switch
    {
        PostgresException raised when IsRaised(raised) => Translate(raised, doing, columnOf),
        PostgresException denied when CodeOf(denied.SqlState) == ErrorCodes.TargetAccessDenied => new CdcException(
            ErrorCodes.TargetTableDenied, $"While {doing}, PostgreSQL answered '{denied.MessageText}'.", denied),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } locked => new CdcException(
            ErrorCodes.TargetTableLocked, $"While {doing}, somebody else's lock did not go in time.", locked),
        _ => Translate(exception, doing, columnOf),
    };

    /// <summary>
    /// As above, of work that concerns no table of a source: what the server refuses there it refuses the sink as a whole, and there is no
    /// table to stop.
    /// </summary>
    public static CdcException? TranslateOnTarget(Exception exception, string doing) => Translate(exception, doing) switch
    {
        { } ours when ErrorPolicy.For(ours.Kind) == ErrorResponse.StopTable =>
            new CdcException(ErrorCodes.TargetUnreachable, ours.Message, ours.InnerException),
        var ours => ours,
    };

    /// <summary>
    /// As above, while connecting. The driver itself gives up, without a cause below, for two reasons: the server has no TLS where it is
    /// required, or it wants a password where there is none.
    /// </summary>
    public static CdcException? TranslateOpening(Exception exception, string doing, PostgresTargetOptions options) => exception switch
    {
        PostgresException => TranslateOnTarget(exception, doing),
        NpgsqlException { InnerException: null } when options.Tls.Mode >= TlsMode.Require && !options.Host.StartsWith('/') =>
            new CdcException(
            ErrorCodes.TargetTlsFailed, $"While {doing}, the server did not agree to TLS, or wants a password.", exception),
        NpgsqlException { InnerException: null } when options.Password is null => new CdcException(
            ErrorCodes.TargetAccessDenied, $"While {doing}, the server wanted a password and none is set.", exception),
        _ => Translate(exception, doing),
    };

    public static ErrorCode CodeOf(string state) => state switch
    {
        "57014" or "57P05" or "25P03" or "25P04" => ErrorCodes.TargetUnreachable,
        "42501" => ErrorCodes.TargetAccessDenied,
        "3D000" => ErrorCodes.TargetAccessDenied,
        "25006" => ErrorCodes.TargetUnreachable,
        "53100" or "53400" => ErrorCodes.TargetFull,
        "40001" or "40P01" or "55P03" => ErrorCodes.TargetConflict,
        "42P01" => ErrorCodes.TargetTableLost,
        "42703" or "42804" or "42P10" or "428C9" or "3F000" or "54011" or "42704" => ErrorCodes.TargetColumnUnsuitable,
        _ => state[..2] switch
        {
            "08" or "53" or "57" => ErrorCodes.TargetUnreachable,
            "28" => ErrorCodes.TargetAccessDenied,
            "22" or "23" or "P0" => ErrorCodes.TargetValueUnsupported, // P0: a function of the user's, such as a trigger's, says no.
            _ => ErrorCodes.TargetFailed,
        },
    };

    /// <summary>Whether a function's RAISE made the error (src/pl/plpgsql/src/pl_exec.c names itself so since version 8).</summary>
    private static bool IsRaised(PostgresException server) => string.Equals(server.Routine, "exec_stmt_raise", StringComparison.Ordinal);

    private static CdcException FromServer(PostgresException server, string doing, Func<int, string?>? columnOf)
    {
        // A trigger of the user's gives its errors what state and words it likes: it is the row that it refuses.
        var code = IsRaised(server) ? ErrorCodes.TargetValueUnsupported : CodeOf(server.SqlState);

        // Invariant 8: messages of these classes repeat values, so neither they nor the exception that holds them are passed on.
        if (code == ErrorCodes.TargetValueUnsupported)
        {
            var what = server switch
            {
                { ColumnName: { } name } => $"column '{name}'",
                { ConstraintName: { } name } => $"constraint '{name}'",
                _ => columnOf?.Invoke(StagingColumn(server.Where)) is { } name ? $"column '{name}'" : "a value",
            };
            return new CdcException(code, $"While {doing}, PostgreSQL refused {what} with SQLSTATE '{server.SqlState}'.");
        }

        return new CdcException(code, $"While {doing}, PostgreSQL answered '{server.MessageText}' with SQLSTATE '{server.SqlState}'.",
            server);
    }

    /// <summary>The number in <c>COPY cdc_stage_1, line 3, column c7</c>, whatever the words around; -1 where there is none.</summary>
    private static int StagingColumn(string? context)
    {
        if (context is null)
            return -1;
        foreach (var word in context.Split(' ', ',', ':', '\n'))
        {
            if (word is ['c', _, ..] && int.TryParse(word.AsSpan(1), System.Globalization.NumberStyles.None, null, out var number))
                return number;
        }

        return -1;
    }
}

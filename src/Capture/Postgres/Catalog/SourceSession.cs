using System.Data;
using System.Globalization;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Security;
using Npgsql;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>Opens SQL sessions at a source.</summary>
public static class SourceSession
{
    /// <summary>How sessions of ours are known at the server.</summary>
    public const string ApplicationName = "cdc";

    private const int ConnectSeconds = 15;

    /// <summary>
    /// What SQL sessions fix besides what all sessions do. A lock that somebody keeps is waited for a moment only: sessions are few, and
    /// who waits for a table stands before everybody who comes later.
    /// </summary>
    private static readonly KeyValuePair<string, string>[] SqlSettings =
    [
        new("standard_conforming_strings", "on"), new("lock_timeout", "2000"),
    ];

    /// <summary>
    /// A session of its own, not of a pool, with the fixed settings; whoever asked disposes of it. Throws <c>CDC-2001</c> to
    /// <c>CDC-2003</c>.
    /// </summary>
    public static async Task<NpgsqlConnection> OpenAsync(PostgresOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await DriverCall.RunAsync(token => ConnectAsync(options, token), cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            var doing = $"Connecting to database '{options.Database}' at '{options.Host}:{options.Port}'";
            throw PostgresErrors.FromOpening(error, options, doing) ?? error;
        }
    }

    /// <summary>
    /// The session that was there while it is open, else a new one: that one died while nobody used it is no fault. Throws as
    /// <see cref="OpenAsync"/>.
    /// </summary>
    public static async Task<NpgsqlConnection> ReopenAsync(
        NpgsqlConnection? session, PostgresOptions options, CancellationToken cancellationToken)
    {
        if (session is { State: ConnectionState.Open })
            return session;
        await DriverCall.CloseAsync(session);
        return await OpenAsync(options, cancellationToken);
    }

    /// <summary>
    /// The server's major version as it told this session: the driver's own is remembered by address, and a server can be upgraded.
    /// </summary>
    public static int MajorOf(NpgsqlConnection session)
    {
        var version = session.PostgresParameters["server_version"].AsSpan();
        var end = version.IndexOfAnyExceptInRange('0', '9');
        return int.Parse(end < 0 ? version : version[..end], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>The driver prepares no password for SCRAM; a server that keeps it in another way wants it as it is.</summary>
    private static async Task<NpgsqlConnection> ConnectAsync(PostgresOptions options, CancellationToken cancellationToken)
    {
        var password = options.Password?.Reveal();
        var prepared = password is null ? null : SaslPassword.PrepareText(password);
        try
        {
            return await ConnectAsync(options, prepared, cancellationToken);
        }
        catch (PostgresException error)
            when (error.SqlState == PostgresErrorCodes.InvalidPassword && !string.Equals(prepared, password, StringComparison.Ordinal))
        {
            return await ConnectAsync(options, password, cancellationToken);
        }
    }

    private static async Task<NpgsqlConnection> ConnectAsync(PostgresOptions options, string? password, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString(options, password));
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (SessionSettings.LaterLimits(MajorOf(connection)) is { } statement)
            {
                await using var lift = new NpgsqlCommand(statement, connection);
                await lift.ExecuteNonQueryAsync(cancellationToken);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static string ConnectionString(PostgresOptions options, string? password)
    {
        var isLocal = options.Host.StartsWith('/');
        var mode = isLocal ? TlsMode.Disable : options.Tls.Mode;
        return new NpgsqlConnectionStringBuilder
        {
            Host = options.Host,
            Port = options.Port,
            Database = options.Database,
            Username = options.User,
            Password = password,
            SslMode = SslModeOf(mode),
            RootCertificate = mode >= TlsMode.VerifyCa ? options.Tls.CaFile : null,
            SslCertificate = options.Tls.CertificateFile,
            SslKey = options.Tls.KeyFile,
            ApplicationName = ApplicationName,
            Pooling = false,
            Enlist = false,
            Timeout = ConnectSeconds,
            CommandTimeout = 0,
            KeepAlive = 30,
            ReadBufferSize = 64 << 10, // Tables are read in large pieces.
            Options = string.Join(' ', SessionSettings.All.Concat(SessionSettings.Limits).Concat(SqlSettings).Select(Option)),
        }.ConnectionString;
    }

    private static string Option(KeyValuePair<string, string> setting) =>
        $"-c {setting.Key}={setting.Value.Replace(" ", "\\ ", StringComparison.Ordinal)}";

    private static SslMode SslModeOf(TlsMode mode) => mode switch
    {
        TlsMode.Disable => SslMode.Disable,
        TlsMode.Prefer => SslMode.Prefer,
        TlsMode.Require => SslMode.Require,
        TlsMode.VerifyCa => SslMode.VerifyCA,
        TlsMode.VerifyFull => SslMode.VerifyFull,
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a mode of TLS."),
    };
}

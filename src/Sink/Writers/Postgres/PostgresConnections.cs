using Cdc.Contracts.Security;
using Npgsql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>
/// Makes connections to a target. The driver prepares no password for SCRAM, so it gets the prepared one; a server that keeps it in another
/// way wants it as it is.
/// </summary>
internal sealed class PostgresConnections : IAsyncDisposable
{
    private readonly NpgsqlDataSource prepared;
    private readonly NpgsqlDataSource? plain;

    public PostgresConnections(PostgresTargetOptions options)
    {
        var password = options.Password?.Reveal();
        var other = password is null ? null : SaslPassword.PrepareText(password);
        prepared = Build(options, other);
        plain = string.Equals(other, password, StringComparison.Ordinal) ? null : Build(options, password);
    }

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await prepared.OpenConnectionAsync(cancellationToken);
        }
        catch (PostgresException error) when (plain is not null && error.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            return await plain.OpenConnectionAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await prepared.DisposeAsync();
        if (plain is not null)
            await plain.DisposeAsync();
    }

    private static NpgsqlDataSource Build(PostgresTargetOptions options, string? password)
    {
        // Only built-in types are sent and read: the driver need not ask the server for all it has.
        var builder = new NpgsqlDataSourceBuilder(ConnectionString(options, password));
        builder.ConfigureTypeLoading(loading => loading.EnableTypeLoading(false));
        return builder.Build();
    }

    /// <summary>A unix socket has neither TLS nor the probes of TCP.</summary>
    private static string ConnectionString(PostgresTargetOptions options, string? password) =>
        ConnectionString(options, password, isLocal: options.Host.StartsWith('/'));

    private static string ConnectionString(
        PostgresTargetOptions options, string? password, bool isLocal) => new NpgsqlConnectionStringBuilder
    {
        Host = options.Host,
        Port = options.Port,
        Database = options.Database,
        Username = options.User,
        Password = password,
        ApplicationName = "cdc sink",
        Pooling = false,
        Enlist = false,
        Timeout = 10, // For a call to cancel a statement too: a server that is silent lets that much time pass.
        CommandTimeout = 0,
        TcpKeepAlive = !isLocal,
        TcpKeepAliveTime = isLocal ? 0 : 30,
        TcpKeepAliveInterval = isLocal ? 0 : 10,
        GssEncryptionMode = GssEncryptionMode.Disable,
        IncludeFailedBatchedCommand = true,
        SslMode = (isLocal ? TlsMode.Disable : options.Tls.Mode) switch
        {
            TlsMode.Disable => SslMode.Disable,
            TlsMode.Prefer => SslMode.Prefer,
            TlsMode.Require => SslMode.Require,
            TlsMode.VerifyCa => SslMode.VerifyCA,
            TlsMode.VerifyFull => SslMode.VerifyFull,
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Tls.Mode, "Not a mode of TLS."),
        },
        RootCertificate = isLocal ? null : options.Tls.CaFile,
        SslCertificate = options.Tls.CertificateFile,
        SslKey = options.Tls.KeyFile,
    }.ConnectionString;
}

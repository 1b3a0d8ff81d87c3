using Cdc.Contracts.Security;
using Npgsql;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>How connections to a target are made, of its options.</summary>
internal static class PostgresConnections
{
    public static NpgsqlDataSource To(PostgresTargetOptions options)
    {
        // Only built-in types are sent and read: the driver need not ask the server for all it has.
        var builder = new NpgsqlDataSourceBuilder(ConnectionString(options));
        builder.ConfigureTypeLoading(loading => loading.EnableTypeLoading(false));
        return builder.Build();
    }

    /// <summary>A unix socket has neither TLS nor the probes of TCP.</summary>
    private static string ConnectionString(PostgresTargetOptions options) => ConnectionString(options, isLocal: options.Host.StartsWith('/'));

    private static string ConnectionString(PostgresTargetOptions options, bool isLocal) => new NpgsqlConnectionStringBuilder
    {
        Host = options.Host,
        Port = options.Port,
        Database = options.Database,
        Username = options.User,
        Password = options.Password?.Reveal(),
        ApplicationName = "cdc sink",
        Pooling = false,
        Enlist = false,
        Timeout = 15,
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

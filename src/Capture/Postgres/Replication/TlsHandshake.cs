using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// Asks the server for TLS (message SSLRequest) and takes the connection over. As in libpq, a unix socket has none whatever the mode, and
/// <see cref="TlsMode.Prefer"/> continues in clear only where the server says that it has no TLS.
/// </summary>
internal static class TlsHandshake
{
    public static async Task<Stream> NegotiateAsync(Stream plain, PostgresOptions options, CancellationToken cancellationToken)
    {
        if (options.Tls.Mode == TlsMode.Disable || ServerSocket.IsUnix(options))
            return plain;
        var server = ServerSocket.NameOf(options);
        switch (await AskAsync(plain, server, cancellationToken))
        {
            case (byte)'S':
                return await EncryptAsync(plain, options, server, cancellationToken);
            case (byte)'N' when options.Tls.Mode == TlsMode.Prefer:
                return plain;
            case (byte)'N':
                throw Failed(server, "the server has no TLS, expected it to", null);
            case var other:
                throw new CdcException(ErrorCodes.SourceProtocolViolation,
                    $"Asking '{server}' for TLS found the answer '0x{other:X2}', expected 'S' or 'N'.");
        }
    }

    /// <summary>Reads exactly one byte: what came in clear behind it would otherwise be taken for the server's.</summary>
    private static async Task<byte> AskAsync(Stream plain, string server, CancellationToken cancellationToken)
    {
        try
        {
            await plain.WriteAsync(FrontendMessages.SslRequest, cancellationToken);
            var answer = new byte[1];
            await plain.ReadExactlyAsync(answer, cancellationToken);
            return answer[0];
        }
        catch (IOException exception)
        {
            throw new CdcException(ErrorCodes.SourceUnreachable,
                $"Asking '{server}' for TLS found the connection closed, expected an answer.", exception);
        }
    }

    private static async Task<Stream> EncryptAsync(
        Stream plain, PostgresOptions options, string server, CancellationToken cancellationToken)
    {
        var encrypted = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await encrypted.AuthenticateAsClientAsync(Settings(options), cancellationToken);
            return encrypted;
        }
        catch (Exception exception)
        {
            await encrypted.DisposeAsync();
            throw exception switch
            {
                AuthenticationException => Failed(server, exception.Message.TrimEnd('.'), exception),
                CryptographicException => Failed(server, "a certificate file could not be read", exception),
                FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException =>
                    Failed(server, "a certificate file is missing or not readable", exception),
                IOException => new CdcException(ErrorCodes.SourceUnreachable,
                    $"The TLS handshake with '{server}' found the connection closed.", exception),
                _ => exception,
            };
        }
    }

    private static CdcException Failed(string server, string found, Exception? inner) =>
        new(ErrorCodes.SourceTlsFailed, $"The TLS handshake with '{server}' failed: {found}.", inner);

    private static SslClientAuthenticationOptions Settings(PostgresOptions options)
    {
        var tls = options.Tls;
        return new SslClientAuthenticationOptions
        {
            TargetHost = options.Host,
            CertificateChainPolicy = ChainPolicy(tls),
            ClientCertificateContext = ClientCertificate(tls),
            RemoteCertificateValidationCallback = (_, _, _, errors) => Accepts(tls.Mode, errors),
        };
    }

    private static bool Accepts(TlsMode mode, SslPolicyErrors errors) => mode switch
    {
        TlsMode.VerifyFull => errors == SslPolicyErrors.None,
        TlsMode.VerifyCa => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
        _ => true,
    };

    private static X509ChainPolicy ChainPolicy(TlsOptions tls)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (tls.CaFile is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(tls.CaFile);
        }

        return policy;
    }

    private static SslStreamCertificateContext? ClientCertificate(TlsOptions tls)
    {
        if (tls.CertificateFile is null)
            return null;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(tls.CertificateFile);
        var certificate = X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }
}

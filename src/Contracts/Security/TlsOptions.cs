namespace Cdc.Contracts.Security;

/// <summary>How much a connection demands of TLS; ordered from lenient to strict. The names are libpq's.</summary>
public enum TlsMode
{
    /// <summary>No TLS.</summary>
    Disable,

    /// <summary>TLS where the server offers it, unchecked.</summary>
    Prefer,

    /// <summary>TLS or no connection; the certificate is not checked.</summary>
    Require,

    /// <summary>TLS, and the certificate comes from a trusted authority.</summary>
    VerifyCa,

    /// <summary>As <see cref="VerifyCa"/>, and the certificate is for the host's name.</summary>
    VerifyFull,
}

/// <summary>TLS of one connection to a database.</summary>
public sealed record TlsOptions
{
    /// <summary>
    /// How strict TLS is. Default: <c>prefer</c>. With anything below <c>verify-full</c>, somebody between both sides can listen.
    /// </summary>
    public TlsMode Mode { get; init; } = TlsMode.Prefer;

    /// <summary>File with the certificate authorities to trust, PEM. Default: null, those of the operating system.</summary>
    public string? CaFile { get; init; }

    /// <summary>File with a client certificate and its chain, PEM. Default: null, none is sent.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>File with the client certificate's key, PEM. Default: null, none.</summary>
    public string? KeyFile { get; init; }
}

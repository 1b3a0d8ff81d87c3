using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// The value that ties a SCRAM exchange to the TLS connection around it, so that who sits in between cannot pass it on: a hash of the
/// server's certificate (RFC 5929 section 4, <c>tls-server-end-point</c>).
/// </summary>
internal static class ChannelBinding
{
    private const string RsaPss = "1.2.840.113549.1.1.10";

    /// <summary>Null without TLS, and where the certificate's signature names no hash (Ed25519).</summary>
    public static byte[]? Of(Stream stream) =>
        stream is SslStream { RemoteCertificate: { } certificate } ? Of(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()))
            : null;

    internal static byte[]? Of(X509Certificate2 certificate) => HashOf(certificate) switch
    {
        { } hash => CryptographicOperations.HashData(hash, certificate.RawData),
        null => null,
    };

    /// <summary>The hash of the certificate's signature; SHA-256 in place of MD5 and SHA-1.</summary>
    private static HashAlgorithmName? HashOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        RsaPss => HashOfPss(certificate),
        _ => null,
    };

    /// <summary>
    /// RSASSA-PSS names its hash in the parameters of the signature (RFC 4055): certificate, then signatureAlgorithm, then [0] hash.
    /// </summary>
    private static HashAlgorithmName? HashOfPss(X509Certificate2 certificate)
    {
        var outer = new AsnReader(certificate.RawData, AsnEncodingRules.DER).ReadSequence();
        outer.ReadEncodedValue();
        var algorithm = outer.ReadSequence();
        algorithm.ReadObjectIdentifier();
        var parameters = algorithm.ReadSequence();
        var hashTag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(hashTag))
            return HashAlgorithmName.SHA256;
        return parameters.ReadSequence(hashTag).ReadSequence().ReadObjectIdentifier() switch
        {
            "1.3.14.3.2.26" or "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
            "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
            "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
            _ => null,
        };
    }
}

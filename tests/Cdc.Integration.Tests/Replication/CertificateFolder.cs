using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cdc.Integration.Tests.Replication;

/// <summary>Certificate authorities and certificates of a test, as PEM files in a temporary folder.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset Until = DateTimeOffset.UnixEpoch.AddYears(130);

    public string Folder { get; } = Directory.CreateTempSubdirectory("cdc-tls-").FullName;

    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>Writes <c>name.crt</c>; the authority is returned for issuing.</summary>
    public X509Certificate2 CreateAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(From, Until);
        File.WriteAllText(PathOf($"{name}.crt"), certificate.ExportCertificatePem());
        return certificate;
    }

    /// <summary>Writes <c>name.crt</c> and <c>name.key</c>.</summary>
    public void Issue(X509Certificate2 authority, string name, string commonName, params IPAddress[] addresses)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(commonName);
        foreach (var address in addresses)
            names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        using var signer = authority.GetECDsaPrivateKey()!;
        var generator = X509SignatureGenerator.CreateForECDsa(signer);
        using var certificate = request.Create(authority.SubjectName, generator, From, Until, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(PathOf($"{name}.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(PathOf($"{name}.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

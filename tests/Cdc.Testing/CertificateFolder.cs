using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cdc.Testing;

/// <summary>Certificate authorities and certificates of a test, as PEM files in a temporary folder.</summary>
public sealed class CertificateFolder : IDisposable
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

    /// <summary>
    /// Has a server that trusts <c>authority.crt</c> use <c>server.crt</c>, with these rules of access; it is started again for that.
    /// </summary>
    public async Task InstallAsync(PostgresServer server, string access)
    {
        // The server wants a key that is its own and nobody else's; COPY writes as the server's user.
        foreach (var file in (string[])["authority.crt", "server.crt", "server.key"])
            await CopyToAsync(server, file);
        await File.WriteAllTextAsync(Path.Combine(server.DataFolder, "pg_hba.conf"), access);
        await File.AppendAllTextAsync(Path.Combine(server.DataFolder, "postgresql.conf"), """

            ssl = on
            ssl_cert_file = 'server.crt'
            ssl_key_file = 'server.key'
            ssl_ca_file = 'authority.crt'

            """);
        await server.StopAsync();
        await server.StartAgainAsync();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private async Task CopyToAsync(PostgresServer server, string file)
    {
        var lines = await File.ReadAllLinesAsync(PathOf(file));
        var target = Path.Combine(server.DataFolder, file);
        var values = string.Join(", ", lines.Select((line, number) => FormattableString.Invariant($"({number}, '{line}')")));
        await server.ExecuteAsync(
            $"COPY (SELECT line FROM (VALUES {values}) AS v(number, line) ORDER BY number) TO PROGRAM 'umask 077; cat > {target}'");
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class ScramSha256Tests
{
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    [Fact]
    public void Exchange_of_RFC_7677_comes_out_as_printed_there()
    {
        var scram = Exchange();

        Assert.Equal("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", Encoding.UTF8.GetString(scram.ClientFirst()));
        Assert.Equal(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            Encoding.UTF8.GetString(scram.ClientFinal(Encoding.UTF8.GetBytes(ServerFirst))));
        scram.VerifyServerFinal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="u8);
    }

    [Theory]
    [InlineData("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    [InlineData("v=")]
    [InlineData("e=invalid-proof")]
    [InlineData("")]
    public void Server_that_does_not_prove_itself_is_refused(string serverFinal)
    {
        var scram = Exchange();
        scram.ClientFinal(Encoding.UTF8.GetBytes(ServerFirst));

        Assert.Throws<CdcException>(() => scram.VerifyServerFinal(Encoding.UTF8.GetBytes(serverFinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=*,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=10000001")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999")]
    public void Hostile_first_message_of_the_server_is_refused(string serverFirst)
    {
        var error = Assert.Throws<CdcException>(() => Exchange().ClientFinal(Encoding.UTF8.GetBytes(serverFirst)));

        Assert.Equal(ErrorCodes.SourceProtocolViolation, error.Code);
    }

    [Fact]
    public void Binding_is_chosen_by_what_both_sides_can()
    {
        byte[] hash = [1, 2, 3];

        Assert.Equal("p=tls-server-end-point,,", ScramBinding.Choose(["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], hash)!.Header);
        Assert.Equal("y,,", ScramBinding.Choose(["SCRAM-SHA-256"], hash)!.Header);
        Assert.Equal("n,,", ScramBinding.Choose(["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], null)!.Header);
        Assert.Null(ScramBinding.Choose(["SCRAM-SHA-256-PLUS"], null));
        Assert.Null(ScramBinding.Choose(["SCRAM-SHA-1"], hash));
        Assert.Equal([.. "p=tls-server-end-point,,"u8, 1, 2, 3], ScramBinding.Choose(["SCRAM-SHA-256-PLUS"], hash)!.Input());
    }

    [Theory]
    [InlineData("SHA256", "SHA256", false)]
    [InlineData("SHA384", "SHA384", false)]
    [InlineData("SHA512", "SHA512", false)]
    [InlineData("SHA256", "SHA256", true)]
    [InlineData("SHA384", "SHA384", true)]
    public void Binding_hashes_the_certificate_as_its_signature_does(string signed, string hashed, bool isPss)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=db", key, new HashAlgorithmName(signed), isPss ? RSASignaturePadding.Pss
            : RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));

        Assert.Equal(CryptographicOperations.HashData(new HashAlgorithmName(hashed), certificate.RawData), ChannelBinding.Of(certificate));
    }

    [Fact]
    public void Md5_is_the_server_s_own_formula() =>
    Assert.Equal("md5c90bcafc0a2b54511742383e34d5dc9d", Md5Password.Hash("alice", "secret", "abcd"u8));

    private static ScramSha256 Exchange() => new("user", SaslPassword.Prepare("pencil"), Nonce, ScramBinding.None);
}

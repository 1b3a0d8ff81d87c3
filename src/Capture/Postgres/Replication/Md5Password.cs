using System.Security.Cryptography;
using System.Text;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>The answer to AuthenticationMD5Password: <c>md5</c> and md5(md5(password user) salt), each hash in hexadecimal.</summary>
internal static class Md5Password
{
    public static string Hash(string user, string password, ReadOnlySpan<byte> salt) =>
        "md5" + Hex([.. Encoding.ASCII.GetBytes(Hex(Encoding.UTF8.GetBytes(password + user))), .. salt]);

#pragma warning disable CA5351 // The server asks for this hash; whoever wants a better one sets password_encryption to scram-sha-256.
    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
}

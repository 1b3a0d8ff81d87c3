using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// One exchange of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL speaks it: no authorization identity, and the user's name empty
/// because the startup message has it already. The server's signature is checked, so a server that does not know the password is refused.
/// </summary>
/// <param name="user">Empty for PostgreSQL.</param>
/// <param name="password">As <c>SaslPassword</c> prepared it.</param>
/// <param name="nonce">Ours: printable, without a comma, new for each exchange.</param>
/// <param name="binding">What is said about channel binding.</param>
internal sealed class ScramSha256(string user, byte[] password, string nonce, ScramBinding binding)
{
    /// <summary>More than a hundred times what is usual; more would let a server keep us busy for minutes.</summary>
    public const int MaxIterations = 10_000_000;

    private byte[]? expectedSignature;

    public byte[] ClientFirst() => Encoding.UTF8.GetBytes(binding.Header + Bare);

    private string Bare => $"n={user},r={nonce}";

    /// <summary>Answers the server's first message.</summary>
    public byte[] ClientFinal(ReadOnlySpan<byte> serverFirst)
    {
        var text = Encoding.UTF8.GetString(serverFirst);
        var fields = text.Split(',');
        if (fields.Length < 3)
            throw Malformed("first message", "too few attributes");
        var fullNonce = Attribute(fields[0], 'r');
        if (!fullNonce.StartsWith(nonce, StringComparison.Ordinal) || fullNonce.Length == nonce.Length)
            throw Malformed("first message", "a nonce that does not continue ours");
        var salt = Base64(Attribute(fields[1], 's'), "first message");
        if (!int.TryParse(Attribute(fields[2], 'i'), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MaxIterations)
            throw Malformed("first message", $"an iteration count outside of '1' to '{MaxIterations}'");

        var final = $"c={Convert.ToBase64String(binding.Input())},r={fullNonce}";
        var authenticated = Encoding.UTF8.GetBytes($"{Bare},{text},{final}");
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var proof = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(proof), authenticated);
        for (var i = 0; i < proof.Length; i++)
            proof[i] ^= signature[i];
        expectedSignature = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), authenticated);
        return Encoding.UTF8.GetBytes($"{final},p={Convert.ToBase64String(proof)}");
    }

    /// <summary>Throws unless the server proved that it knows the password too.</summary>
    public void VerifyServerFinal(ReadOnlySpan<byte> serverFinal)
    {
        var field = Encoding.UTF8.GetString(serverFinal).Split(',')[0];
        if (expectedSignature is null
            || !CryptographicOperations.FixedTimeEquals(Base64(Attribute(field, 'v'), "final message"), expectedSignature))
            throw new CdcException(ErrorCodes.SourceAccessDenied,
                "Verifying the server's SCRAM signature found another than expected: the server does not know this user's password.");
    }

    private static string Attribute(string field, char name) =>
        field.Length > 1 && field[0] == name && field[1] == '=' ? field[2..]
            : throw Malformed("message", $"no attribute '{name}' where it belongs");

    private static byte[] Base64(string text, string where)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written]
            : throw Malformed(where, "a value that is not base64");
    }

    private static CdcException Malformed(string where, string found) =>
        new(ErrorCodes.SourceProtocolViolation, $"Reading the server's SCRAM {where} found {found}.");
}

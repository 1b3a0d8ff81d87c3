using System.Text;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// Prepares a password for SCRAM (SASLprep, RFC 4013). ASCII and the letters of Latin-1 are what they are after it; preparing anything
/// else needs tables of Unicode that a run without globalization tables has not, so it is refused and not sent wrong.
/// </summary>
internal static class SaslPassword
{
    public static byte[] Prepare(string password)
    {
        foreach (var letter in password)
        {
            // U+00C0 to U+00FF neither decompose nor map under NFKC, and none is written from right to left.
            if (letter is not (<= '\u007F' or (>= '\u00C0' and <= '\u00FF')))
                throw new CdcException(ErrorCodes.SourceAccessDenied,
                    "Preparing the password for SCRAM found a character that is neither ASCII nor a Latin-1 letter, expected only those.");
        }

        return Encoding.UTF8.GetBytes(password);
    }
}

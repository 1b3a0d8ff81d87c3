using System.Buffers;
using System.Text;

namespace Cdc.Contracts.Security;

/// <summary>
/// Prepares a password for SCRAM (SASLprep, RFC 4013), so that it is the same however it was typed. One that may not be prepared, for what
/// it holds, is used as it is: so does the server, and so do other clients.
/// </summary>
public static class SaslPassword
{
    /// <summary>The prepared password's bytes.</summary>
    public static byte[] Prepare(string password) => Encoding.UTF8.GetBytes(PrepareText(password));

    /// <summary>The prepared password, for a driver that prepares none; the same text where there is nothing to do.</summary>
    public static string PrepareText(string password)
    {
        if (Ascii.IsValid(password) || !IsText(password))
            return password;
        var tables = UnicodeTables.Instance;
        var mapped = new List<int>(password.Length);
        foreach (var rune in password.EnumerateRunes())
        {
            if (tables.Spaces.Contains(rune.Value))
                mapped.Add(' ');
            else if (!tables.Nothing.Contains(rune.Value))
                mapped.Add(rune.Value);
        }

        var prepared = CompatibleForm.Of(mapped, tables);
        return prepared.Count == 0 || prepared.Exists(letter => tables.Prohibited.Contains(letter) || tables.Unassigned.Contains(letter))
            || !RunsOneWay(prepared, tables)
            ? password
            : string.Concat(prepared.Select(letter => new Rune(letter).ToString()));
    }

    /// <summary>Half of a pair is no character.</summary>
    private static bool IsText(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != OperationStatus.Done)
                return false;
            text = text[length..];
        }

        return true;
    }

    /// <summary>
    /// A text with letters written from right to left begins and ends with one and holds none of the other kind (RFC 3454, section 6).
    /// </summary>
    private static bool RunsOneWay(List<int> text, UnicodeTables tables) =>
        !text.Exists(tables.RightToLeft.Contains)
        || (tables.RightToLeft.Contains(text[0]) && tables.RightToLeft.Contains(text[^1]) && !text.Exists(tables.LeftToRight.Contains));
}

using System.Security.Cryptography;
using System.Text;
using Cdc.Contracts.Security;

namespace Cdc.Contracts.Tests.Security;

public sealed class SaslPasswordTests
{
    [Theory]
    [InlineData("pencil ~!\"", "pencil ~!\"")]
    [InlineData("Größe", "Größe")]
    [InlineData("пароль", "пароль")]
    [InlineData("パスワード", "パスワード")]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("a\u00A0b\u3000c", "a b c")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("u\u0308", "\u00FC")]
    [InlineData("\uFF76\uFF9E", "\u30AC")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("a\u0302\u0323", "\u1EAD")]
    [InlineData("\u0627\u0644\u0633\u0631", "\u0627\u0644\u0633\u0631")]
    public void Password_is_the_same_however_it_was_typed(string typed, string prepared) =>
        Assert.Equal(Encoding.UTF8.GetBytes(prepared), SaslPassword.Prepare(typed));

    [Theory]
    [InlineData("\u0007")]
    [InlineData("\u00E9\u0007\u2168")]
    [InlineData("\u0627\u0031\u2168")]
    [InlineData("\U0001F600\u2168")]
    [InlineData("\uE000\u2168")]
    [InlineData("\u00AD")]
    [InlineData("\u2168\uD800")]
    public void Password_that_may_not_be_prepared_is_used_as_it_is(string typed) =>
        Assert.Equal(typed, SaslPassword.PrepareText(typed));

    /// <summary>What an independent implementation makes of every character, and of characters of many scripts in any order.</summary>
    [Fact]
    public void Normal_form_is_Unicode_s()
    {
        Assert.Equal("06e7277bca1b5f061a23d4e0caee648a132aee7e3fe7ae21a6f460298c980a11",
            Digest(Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(letter => new[] { letter })));
        Assert.Equal("f0624038b169aa0d9f9a6f3fb651c14bf658f74fd9d31069cf26e315fb562318", Digest(Mixtures()));
    }

    private static string Digest(IEnumerable<int[]> texts)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            var form = CompatibleForm.Of(text, UnicodeTables.Instance);
            digest.AppendData(Encoding.UTF8.GetBytes(string.Concat(form.Select(letter => new Rune(letter).ToString())) + "\n"));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    /// <summary>Made by a generator that is the same everywhere.</summary>
    private static IEnumerable<int[]> Mixtures()
    {
        (int First, int Last)[] scripts =
        [
            (0x41, 0x5A), (0xC0, 0x17F), (0x300, 0x345), (0x1100, 0x1112), (0x1161, 0x1175), (0x11A8, 0x11C2), (0xAC00, 0xD7A3),
            (0x1E00, 0x1EFF),
            (0x3040, 0x30FF), (0xFF61, 0xFF9F), (0x0591, 0x05BD), (0x0900, 0x097F),
        ];
        var state = 12345L;
        for (var i = 0; i < 20_000; i++)
        {
            var text = new int[1 + Next(6)];
            for (var at = 0; at < text.Length; at++)
            {
                var (first, last) = scripts[Next(scripts.Length)];
                text[at] = first + Next(last - first + 1);
            }

            yield return text;
        }

        int Next(int below)
        {
            state = ((state * 1103515245) + 12345) & 0x7fffffff;
            return (int)(state / 65536 % below);
        }
    }
}

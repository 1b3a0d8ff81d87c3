using System.Globalization;

namespace Cdc.Cli.Configuration;

/// <summary>How places in a configuration are written in messages.</summary>
internal static class SettingPath
{
    private const int MaxKey = 60;

    /// <summary><c>sources.shop</c>; a key with other characters than letters, digits, <c>_</c> and <c>-</c> is quoted.</summary>
    public static string Key(string path, string key)
    {
        var plain = key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        var name = plain && key.Length <= MaxKey ? key : '"' + Shown(key) + '"';
        return path.Length == 0 ? name : $"{path}.{name}";
    }

    /// <summary><c>sources.shop.tables[2]</c>, counted from 0.</summary>
    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>A text from the file as one short piece of a line.</summary>
    public static string Shown(string text)
    {
        var cut = text.Length > MaxKey ? text[..MaxKey] + "..." : text;
        return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }
}

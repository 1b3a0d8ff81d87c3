using System.Globalization;
using System.Text;

namespace Cdc.Cli.Output;

/// <summary>Where a command writes.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">What went wrong.</param>
/// <param name="IsLive">Whether a person watches, so that lines may be painted over.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsLive)
{
    /// <summary>Where a person answers; null where none does.</summary>
    public TextReader? In { get; init; }

    public static Terminal OfProcess { get; } = new(Console.Out, Console.Error, !Console.IsOutputRedirected)
    {
        In = IsTerminal ? Console.In : null,
        ReadHidden = IsTerminal ? ReadKeys : null,
    };

    /// <summary>Reads a line that the terminal does not show; null: as any other line.</summary>
    public Func<string?>? ReadHidden { get; init; }

    /// <summary>Whether colours may be written.</summary>
    public bool IsColoured => IsLive && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private static bool IsTerminal => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    private static string ReadKeys()
    {
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        return typed.ToString();
    }

    /// <summary>A text without characters that steer a terminal: names come from databases.</summary>
    public static string Plain(string text) =>
        text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))
            ? string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '?' : c))
            : text;

    /// <summary>
    /// A text on one line, in which everything that steers a terminal, or lets a text look like another one, is an escape: <c>\n</c>,
    /// <c>\u001B</c>.
    /// </summary>
    public static string Visible(string text)
    {
        if (!text.Any(Steers))
            return text;
        var visible = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                visible.Append(Rune.GetUnicodeCategory(new Rune(text[i], text[i + 1])) == UnicodeCategory.Format
                    ? Escape(text[i]) + Escape(text[i + 1]) : text.Substring(i, 2));
            else
                visible.Append(Steers(text[i]) ? Escape(text[i]) : text[i]);
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
        }

        return visible.ToString();
    }

    private static string Escape(char c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)c:X4}",
    };

    // Emoji are made of several signs by joiners, which harm nobody.
    private static bool Steers(char c) => c is not ('\u200C' or '\u200D')
        && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
}

using System.Text;

namespace Cdc.Architecture.Tests;

/// <summary>C# text with its comments and the contents of its literals blanked out, line for line and column for column.</summary>
internal static class CodeText
{
    public static string WithoutCommentsAndLiterals(string text)
    {
        var code = new StringBuilder(text);
        for (var at = 0; at < text.Length;)
        {
            var end = EndOfHidden(text, at);
            for (var i = at; i < end; i++)
            {
                if (text[i] is not '\n')
                    code[i] = ' ';
            }

            // An empty literal stays in the place of each, so that the code keeps its form.
            if (end > at + 1 && text[at] != '/')
                (code[at], code[end - 1]) = ('"', '"');
            at = Math.Max(end, at + 1);
        }

        return code.ToString();
    }

    private static int EndOfHidden(string text, int at)
    {
        if (text.AsSpan(at).StartsWith("//", StringComparison.Ordinal))
            return EndAt(text, "\n", at + 2) - 1;
        if (text.AsSpan(at).StartsWith("/*", StringComparison.Ordinal))
            return EndAt(text, "*/", at + 2);
        return text[at] switch
        {
            '\'' => EndOfEscaped(text, at, '\''),
            '"' => EndOfString(text, at, verbatim: false),
            '@' or '$' => EndOfPrefixed(text, at),
            _ => at,
        };
    }

    private static int EndOfPrefixed(string text, int at)
    {
        var quote = at;
        while (quote < text.Length && text[quote] is '@' or '$')
            quote++;
        return quote < text.Length && text[quote] == '"' ? EndOfString(text, quote, text.AsSpan(at, quote - at).Contains('@')) : at;
    }

    private static int EndOfString(string text, int quote, bool verbatim)
    {
        var quotes = 1;
        while (quote + quotes < text.Length && text[quote + quotes] == '"')
            quotes++;
        if (quotes >= 3)
            return EndAt(text, new string('"', quotes), quote + quotes);
        return verbatim ? EndOfVerbatim(text, quote) : EndOfEscaped(text, quote, '"');
    }

    private static int EndOfVerbatim(string text, int quote)
    {
        for (var i = quote + 1; i < text.Length; i++)
        {
            if (text[i] != '"')
                continue;
            if (i + 1 == text.Length || text[i + 1] != '"')
                return i + 1;
            i++;
        }

        return text.Length;
    }

    private static int EndOfEscaped(string text, int quote, char delimiter)
    {
        for (var i = quote + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == delimiter || text[i] == '\n')
                return i + 1;
        }

        return text.Length;
    }

    private static int EndAt(string text, string mark, int from)
    {
        var found = text.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? text.Length : found + mark.Length;
    }
}

using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>A member of a type as text: from the first line of its declaration to its last brace or semicolon.</summary>
internal sealed partial record CodeMember(string Header, int FirstLine, int LastLine)
{
    public int Lines => LastLine - FirstLine + 1;

    /// <summary>A method, constructor, operator or indexer; not a field, even where its initializer calls something.</summary>
    public bool IsMethod => MethodHeader().IsMatch(Header);

    public string Name => MethodHeader().Match(Header).Groups["name"].Value;

    /// <summary>All members of all types of a file, by counting braces in code without comments and literals.</summary>
    public static IEnumerable<CodeMember> Of(SourceFile file)
    {
        var code = file.Code;
        var scopes = new Stack<bool>([true]);
        var start = 0;
        var round = 0;
        for (var i = 0; i < code.Length; i++)
        {
            round += code[i] switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
            if (code[i] == '{')
            {
                scopes.Push(scopes.Peek() && round == 0 && TypeHeader().IsMatch(code[start..i]));
                if (scopes.Peek())
                    start = i + 1;
            }
            else if (code[i] == '}')
            {
                var wasType = scopes.Count > 1 && scopes.Pop();
                if (!wasType && scopes.Peek() && !Continues(code, i + 1))
                    yield return Member(file, start, i);
                if (scopes.Peek() && (wasType || !Continues(code, i + 1)))
                    start = i + 1;
            }
            else if (code[i] == ';' && scopes.Peek() && round == 0)
            {
                yield return Member(file, start, i);
                start = i + 1;
            }
        }
    }

    // '=> x switch { … };', '= [ … ];', '{ get; } = …;': the member continues after the brace.
    private static bool Continues(string code, int at)
    {
        while (at < code.Length && char.IsWhiteSpace(code[at]))
            at++;
        return at < code.Length && code[at] is ';' or '=' or ')' or ',' or '.' or ']' or '?' or ':' or '!' or '{' or '&' or '|' or '+';
    }

    private static CodeMember Member(SourceFile file, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(file.Code[start]))
            start++;
        var body = file.Code.IndexOfAny(['{', ';'], start);
        return new CodeMember(file.Code[start..Math.Min(end, body < 0 ? end : body)], file.LineAt(start), file.LineAt(end));
    }

    [GeneratedRegex(@"\b(class|struct|interface|enum|record|namespace)\s+[A-Z]")]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"^(\[[^\]]*\]\s*)*[^=(]*?\b(?<name>\w+|operator\s*\S+)\s*(<[^()=]*>)?\s*[\(\[]", RegexOptions.ExplicitCapture)]
    private static partial Regex MethodHeader();
}

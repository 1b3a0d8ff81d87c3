using System.Text.RegularExpressions;

namespace Cdc.Architecture.Tests;

/// <summary>One C# file of the repository as text.</summary>
internal sealed partial class SourceFile
{
    private readonly Lazy<string> code;
    private readonly Lazy<IReadOnlyList<string>> declaredTypes;

    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        code = new Lazy<string>(() => CodeText.WithoutCommentsAndLiterals(text));
        declaredTypes = new Lazy<IReadOnlyList<string>>(() =>
            [.. TypeDeclaration().Matches(Code).Select(match => match.Groups["name"].Value)]);
        Namespace = NamespaceLine().Match(text).Groups["name"].Value;
    }

    /// <summary>Relative to the repository, with forward slashes.</summary>
    public string Path { get; }

    public string Text { get; }

    /// <summary>The text without comments and literals, in the same lines and columns.</summary>
    public string Code => code.Value;

    /// <summary>Empty for top-level statements.</summary>
    public string Namespace { get; }

    /// <summary>For <c>src/Capture/…</c> it is <c>Capture</c>, for <c>tests/Cdc.Sink.Tests/…</c> it is <c>Cdc.Sink.Tests</c>.</summary>
    public string Project => Path.Split('/')[1];

    public string Folder => Path[..Path.LastIndexOf('/')];

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public string[] Lines => Text.TrimEnd('\n').Split('\n');

    public IReadOnlyList<string> DeclaredTypes => declaredTypes.Value;

    /// <summary>Namespaces of <c>using</c> lines with their line; for <c>using static</c> and aliases the whole name.</summary>
    public IEnumerable<(int Line, string Name, bool IsGlobal)> Usings =>
        UsingLine().Matches(Code).Select(match => (LineAt(match.Index), match.Groups["name"].Value, match.Groups["global"].Success));

    public int LineAt(int index) => Text.AsSpan(0, index).Count('\n') + 1;

    public string At(int line) => $"{Path}:{line}";

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(?<global>global )?using\s+(static\s+)?(unsafe\s+)?(\w+\s*=\s*)?(?<name>[\w.]+)[^()\n]*;",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record(\s+struct|\s+class)?|delegate\s+[\w<>\[\]?]+)\s+(?<name>[A-Z]\w*)",
        RegexOptions.ExplicitCapture)]
    private static partial Regex TypeDeclaration();
}

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
        In = Console.IsInputRedirected || Console.IsOutputRedirected ? null : Console.In,
    };

    /// <summary>A text without characters that steer a terminal: names come from databases.</summary>
    public static string Plain(string text) =>
        text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))
            ? string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '?' : c))
            : text;
}

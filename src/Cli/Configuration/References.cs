using System.Text;
using Cdc.Contracts.Errors;

namespace Cdc.Cli.Configuration;

/// <summary>
/// Puts in what a value refers to: <c>${env:NAME}</c> an environment variable, <c>${file:path}</c> a file's text without its last line end,
/// <c>$$</c> a dollar sign. Any other dollar sign stands for itself. What was put in is never shown (Invariant 8).
/// </summary>
internal sealed class References(string folder, Func<string, string?> environment)
{
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>The text with everything put in, or null and what is wrong.</summary>
    public string? Resolve(string text, out (ErrorCode Code, string Message) fault)
    {
        fault = default;
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '$' || at + 1 == text.Length || text[at + 1] is not ('$' or '{'))
            {
                result.Append(text[at++]);
                continue;
            }

            if (text[at + 1] == '$')
            {
                result.Append('$');
                at += 2;
                continue;
            }

            var end = text.IndexOf('}', at);
            var value = end < 0 ? null : Lookup(text[(at + 2)..end], out fault);
            if (end < 0)
                fault = (ErrorCodes.ReferenceMalformed, "A reference starts with '${' and does not end; expected '}'.");
            if (value is null)
                return null;
            result.Append(value);
            at = end + 1;
        }

        return result.ToString();
    }

    private string? Lookup(string reference, out (ErrorCode Code, string Message) fault)
    {
        fault = default;
        if (reference.StartsWith("env:", StringComparison.Ordinal) && IsVariableName(reference[4..]))
        {
            var value = environment(reference[4..]);
            if (string.IsNullOrEmpty(value))
                fault = (ErrorCodes.SecretMissing, $"The environment variable '{reference[4..]}' is not set or empty.");
            return string.IsNullOrEmpty(value) ? null : value;
        }

        if (reference.StartsWith("file:", StringComparison.Ordinal) && reference.Length > 5
            && !reference.Contains('\0', StringComparison.Ordinal))
            return ReadFile(Path.GetFullPath(reference[5..], folder), out fault);
        fault = (ErrorCodes.ReferenceMalformed,
            "A reference names neither a variable nor a file; expected '${env:NAME}' or '${file:/path}'.");
        return null;
    }

    private static string? ReadFile(string path, out (ErrorCode Code, string Message) fault)
    {
        var (text, found) = TryReadFile(path);
        fault = (ErrorCodes.SecretMissing, $"The file '{path}' {found}.");
        return text;
    }

    private static (string? Text, string Found) TryReadFile(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new byte[MaxFileBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxFileBytes)
                return (null, $"is larger than {MaxFileBytes} bytes");
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
            return text.Length == 0 ? (null, "is empty") : (text, "");
        }
        catch (DecoderFallbackException)
        {
            return (null, "is not UTF-8 text");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, "is not there");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, "cannot be read");
        }
    }

    private static bool IsVariableName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}

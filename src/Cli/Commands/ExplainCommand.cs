using System.Globalization;
using System.Text.Json.Nodes;
using Cdc.Cli.Output;
using Cdc.Contracts.Errors;

namespace Cdc.Cli.Commands;

/// <summary><c>cdc explain CODE</c>: what a code means and what to do; without a code, the list of all.</summary>
internal static class ExplainCommand
{
    private const string Prefix = "CDC-";

    public static int Run(string? code, Terminal terminal, OutputFormat format)
    {
        IReadOnlyList<ErrorCode> codes = code is null ? ErrorCodes.All : [Find(code)];
        foreach (var found in codes)
        {
            terminal.Out.WriteLine(format == OutputFormat.Json ? JsonLines.Of(AsJson(found))
                : code is null ? $"{found} {found.Title}."
                : $"{found} {found.Title}.\n{found.Remedy}\n{Describe(found.Kind)}");
        }

        return ExitCode.Stopped;
    }

    private static ErrorCode Find(string code)
    {
        var digits = code.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? code[Prefix.Length..] : code;
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && ErrorCodes.All.FirstOrDefault(known => known.Number == number) is { } found
                ? found
                : throw new CdcException(ErrorCodes.CommandLineInvalid,
                    $"'{code}' is not a code; expected one of those that 'cdc explain' lists.");
    }

    private static string Describe(ErrorKind kind) => ErrorPolicy.For(kind) switch
    {
        _ when kind is ErrorKind.ConfigurationInvalid or ErrorKind.SecretMissing => "The command ends.",
        ErrorResponse.Retry => "'cdc run' tries again automatically, and nothing is lost by waiting. Any other command ends.",
        ErrorResponse.StopTable => "The table stops. The other tables continue.",
        ErrorResponse.StopRole => "The capture of this source, or this sink, stops, and the run with it.",
        var response => throw new ArgumentOutOfRangeException(nameof(kind), response, "Not a response."),
    };

    private static JsonObject AsJson(ErrorCode code) => new()
    {
        ["code"] = code.ToString(),
        ["kind"] = code.Kind.ToString(),
        ["title"] = code.Title,
        ["remedy"] = code.Remedy,
        ["response"] = ErrorPolicy.For(code.Kind).ToString(),
    };
}

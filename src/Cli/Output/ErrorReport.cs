using System.Text.Json.Nodes;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;

namespace Cdc.Cli.Output;

/// <summary>How an error is told at a command's end.</summary>
internal static class ErrorReport
{
    public static void Write(Exception exception, OutputFormat format, Terminal terminal)
    {
        if (format == OutputFormat.Json)
            terminal.Out.WriteLine(JsonLines.Of(AsJson(exception)));
        else
            terminal.Error.Write(Terminal.Plain(AsText(exception)));
    }

    private static string AsText(Exception exception) => exception switch
    {
        ConfigurationException configuration => configuration.Describe(),
        CdcException error => error.Describe() + "\n",
        AggregateException several => string.Concat(several.Flatten().InnerExceptions.Select(AsText)),
        _ => $"{ErrorCodes.Internal} {ErrorCodes.Internal.Title}. {ErrorCodes.Internal.Remedy}\n{exception}\n",
    };

    private static JsonObject AsJson(Exception exception) => exception switch
    {
        ConfigurationException configuration => new JsonObject
        {
            ["level"] = "error",
            ["file"] = configuration.File,
            ["faults"] = new JsonArray([.. configuration.Faults.Select(AsJson)]),
        },
        CdcException error => AsJson(error.Code, error.Message),
        AggregateException several =>
            new JsonObject { ["level"] = "error", ["errors"] = new JsonArray([.. several.Flatten().InnerExceptions.Select(AsJson)]) },
        _ => AsJson(ErrorCodes.Internal, exception.ToString()),
    };

    private static JsonObject AsJson(Fault fault) => new()
    {
        ["code"] = fault.Code.ToString(),
        ["line"] = fault.Line,
        ["path"] = fault.Path,
        ["message"] = fault.Message,
    };

    private static JsonObject AsJson(ErrorCode code, string message) => new()
    {
        ["level"] = "error",
        ["code"] = code.ToString(),
        ["message"] = message,
        ["remedy"] = code.Remedy,
    };
}

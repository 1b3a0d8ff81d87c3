using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Commands;

/// <summary>Events 1 to 99.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Status of '{Pipeline}' is served at {Address}.")]
    public static partial void Serving(ILogger log, string pipeline, Uri address);

    [LoggerMessage(2, LogLevel.Information, "Port {Usual} is taken; port {Chosen} is used instead.")]
    public static partial void UsualPortTaken(ILogger log, int usual, int chosen);

    [LoggerMessage(5, LogLevel.Error, "The run ends.")]
    public static partial void Failed(ILogger log, Exception reason);
}

using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Commands;

/// <summary>Events 1 to 99.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Status of '{Pipeline}' is served at {Address}.")]
    public static partial void Serving(ILogger log, string pipeline, Uri address);

    [LoggerMessage(2, LogLevel.Information, "Port {Usual} is taken; port {Chosen} is used instead.")]
    public static partial void UsualPortTaken(ILogger log, int usual, int chosen);

    [LoggerMessage(3, LogLevel.Information, "Waiting up to {Seconds} s for the process that has the log open: {Reason}")]
    public static partial void WaitingForLog(ILogger log, double seconds, string reason);

    [LoggerMessage(5, LogLevel.Error, "The run ends.")]
    public static partial void Failed(ILogger log, Exception reason);

    [LoggerMessage(4, LogLevel.Warning, "The previous process ended in the middle of a write: {What}")]
    public static partial void CutOff(ILogger log, string what);
}

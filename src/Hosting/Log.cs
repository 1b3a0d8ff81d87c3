using Microsoft.Extensions.Logging;

namespace Cdc.Hosting;

/// <summary>Events 200 to 299.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Information, "Waiting up to {Seconds} s for the process that has the log open: {Reason}")]
    public static partial void WaitingForLog(ILogger log, double seconds, string reason);

    [LoggerMessage(201, LogLevel.Warning, "The previous process ended in the middle of a write: {What}")]
    public static partial void CutOff(ILogger log, string what);
}

using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Progress;

/// <summary>Events 100 to 199.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "Source '{Source}' is {State}: {Records} records, {LagBytes} bytes and {LagSeconds} s behind.")]
    public static partial void Source(ILogger log, string source, string state, long records, long? lagBytes, double? lagSeconds);

    [LoggerMessage(101, LogLevel.Information,
        "Table '{Table}' of source '{Source}' is {State}: {RowsRead} rows read of about {RowsEstimated} ({Reason}), {SecondsLeft} s left.")]
    public static partial void Table(
        ILogger log, string source, string table, string state, long rowsRead, long? rowsEstimated, string reason, double? secondsLeft);

    [LoggerMessage(102, LogLevel.Information, "Sink '{Sink}' applied {AppliedRows} rows to '{Table}'; {OffsetLag} records are to be applied.")]
    public static partial void Applied(ILogger log, string sink, string table, long appliedRows, long offsetLag);
}

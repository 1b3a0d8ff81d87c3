using Microsoft.Extensions.Logging;

namespace Cdc.Sink;

internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Warning, "Sink '{Sink}' tries again: {Code} {Reason}")]
    public static partial void Retrying(ILogger logger, string sink, string code, string reason);

    [LoggerMessage(5002, LogLevel.Information, "Sink '{Sink}' continues: its target answers again.")]
    public static partial void Resumed(ILogger logger, string sink);

    [LoggerMessage(5001, LogLevel.Error, "Sink '{Sink}' stopped a table: {Reason}")]
    public static partial void TableStopped(ILogger logger, string sink, string reason);

    [LoggerMessage(5004, LogLevel.Warning, "Sink '{Sink}' lacks rows of table '{Schema}.{Table}' and requests a re-read of it.")]
    public static partial void AskedForReread(ILogger logger, string sink, string schema, string table);

    [LoggerMessage(5005, LogLevel.Information,
        "Sink '{Sink}' leaves out columns '{Prefix}…' of table '{Table}': another sink added them. To get them as data, set " +
        "another 'target.metadata.prefix'.")]
    public static partial void ColumnsLeftOut(ILogger logger, string sink, string table, string prefix);

    [LoggerMessage(5003, LogLevel.Information, "Sink '{Sink}' resumes topic '{Topic}', whose table was stopped.")]
    public static partial void TableResumed(ILogger logger, string sink, string topic);
}

using Microsoft.Extensions.Logging;

namespace Cdc.Capture;

internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information,
        "Source '{Source}' streams from position '{Confirmed}'; the log holds everything up to '{Durable}'.")]
    public static partial void Streaming(ILogger logger, string source, string confirmed, string durable);

    [LoggerMessage(2001, LogLevel.Warning, "Source '{Source}' failed and is tried again: {Code} {Reason}")]
    public static partial void Retrying(ILogger logger, string source, string code, string reason);

    [LoggerMessage(2002, LogLevel.Warning, "Source '{Source}' waits: {Reason}")]
    public static partial void Waiting(ILogger logger, string source, string reason);

    [LoggerMessage(2003, LogLevel.Error, "Source '{Source}' stopped table '{Table}': {Reason}")]
    public static partial void TableStopped(ILogger logger, string source, string table, string reason);

    [LoggerMessage(2007, LogLevel.Warning, "Source '{Source}' tries table '{Table}' again, and its changes continue: {Reason}")]
    public static partial void TableRetried(ILogger logger, string source, string table, string reason);

    [LoggerMessage(2008, LogLevel.Information,
        "Source '{Source}' leaves out changes of table '{Table}': it was dropped before capture could look at it.")]
    public static partial void TableGone(ILogger logger, string source, string table);

    [LoggerMessage(2005, LogLevel.Warning, "Source '{Source}' starts again and reads all tables, as requested: {Code} {Reason}")]
    public static partial void GapAcknowledged(ILogger logger, string source, string code, string reason);

    [LoggerMessage(2006, LogLevel.Warning,
        "Source '{Source}' reads table '{Table}' again: its {Why}. The stream does not show what that did to its rows.")]
    public static partial void Rewritten(ILogger logger, string source, string table, string why);

    [LoggerMessage(2010, LogLevel.Warning,
        "Source '{Source}' does not read table '{Table}' again, but its {Why}. If that was more than a move (VACUUM FULL, " +
        "CLUSTER), run 'cdc resync' for it.")]
    public static partial void Moved(ILogger logger, string source, string table, string why);

    [LoggerMessage(2011, LogLevel.Warning, "Source '{Source}' starts to read table '{Table}' again: {Reason}")]
    public static partial void Restarted(ILogger logger, string source, string table, string reason);

    [LoggerMessage(2013, LogLevel.Information,
        "Source '{Source}' is read completely ('snapshot.mode: only'), so nothing is left to do. 'cdc run FILE --reload' reads it again.")]
    public static partial void Done(ILogger logger, string source);

    [LoggerMessage(2014, LogLevel.Information, "Source '{Source}' no longer needs a slot: '{Slot}' was dropped.")]
    public static partial void SlotReleased(ILogger logger, string source, string slot);

    [LoggerMessage(2012, LogLevel.Warning,
        "Source '{Source}' no longer needs slot '{Slot}', which 'create' did not make. It keeps the source's write-ahead log until " +
        "you drop it ({Statement}).")]
    public static partial void SlotKept(ILogger logger, string source, string slot, string statement);

    [LoggerMessage(2004, LogLevel.Warning, "Source '{Source}': {What}")]
    public static partial void LeftOut(ILogger logger, string source, string what);

    [LoggerMessage(2015, LogLevel.Warning, "Source '{Source}', table '{Table}' waits: {Reason}")]
    public static partial void TableWaits(ILogger logger, string source, string table, string reason);
}

using Microsoft.Extensions.Logging;

namespace Cdc.Capture;

internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "Source '{Source}' streams from '{Confirmed}', durable is '{Durable}'.")]
    public static partial void Streaming(ILogger logger, string source, string confirmed, string durable);

    [LoggerMessage(2001, LogLevel.Warning, "Source '{Source}' is tried again: {Code} {Reason}")]
    public static partial void Retrying(ILogger logger, string source, string code, string reason);

    [LoggerMessage(2002, LogLevel.Warning, "Source '{Source}' waits: {Reason}")]
    public static partial void Waiting(ILogger logger, string source, string reason);

    [LoggerMessage(2003, LogLevel.Error, "Source '{Source}' stopped table '{Table}': {Reason}")]
    public static partial void TableStopped(ILogger logger, string source, string table, string reason);

    [LoggerMessage(2007, LogLevel.Warning, "Source '{Source}' tries table '{Table}' again, its changes go on: {Reason}")]
    public static partial void TableRetried(ILogger logger, string source, string table, string reason);

    [LoggerMessage(2008, LogLevel.Information,
        "Source '{Source}' leaves changes of table '{Table}' out: it was dropped before it was looked at.")]
    public static partial void TableGone(ILogger logger, string source, string table);

    [LoggerMessage(2005, LogLevel.Warning, "Source '{Source}' begins anew and reads all tables again, as asked for: {Code} {Reason}")]
    public static partial void GapAcknowledged(ILogger logger, string source, string code, string reason);

    [LoggerMessage(2006, LogLevel.Warning,
        "Source '{Source}' reads table '{Table}' again: its {Why}, and the stream does not tell what that did to its rows.")]
    public static partial void Rewritten(ILogger logger, string source, string table, string why);

    [LoggerMessage(2010, LogLevel.Warning,
        "Source '{Source}': of table '{Table}', which is not read, the {Why}. If that was more than a move (VACUUM FULL, CLUSTER), have " +
        "it read: 'cdc resync'.")]
    public static partial void Moved(ILogger logger, string source, string table, string why);

    [LoggerMessage(2011, LogLevel.Warning, "Source '{Source}' begins to read table '{Table}' once more: {Reason}")]
    public static partial void Restarted(ILogger logger, string source, string table, string reason);

    [LoggerMessage(2010, LogLevel.Information,
        "Source '{Source}' is read as a whole, which is all that 'snapshot.mode: only' asks for: nothing is left to do ('cdc run FILE " +
        "--reload' reads it again).")]
    public static partial void Done(ILogger logger, string source);

    [LoggerMessage(2011, LogLevel.Information, "Source '{Source}' needs no slot any more: '{Slot}' was dropped.")]
    public static partial void SlotReleased(ILogger logger, string source, string slot);

    [LoggerMessage(2012, LogLevel.Warning,
        "Source '{Source}' needs no slot any more, and '{Slot}' was not made by 'create': it keeps the source's log until it is dropped " +
        "({Statement}).")]
    public static partial void SlotKept(ILogger logger, string source, string slot, string statement);

    [LoggerMessage(2004, LogLevel.Warning, "Source '{Source}': {What}")]
    public static partial void LeftOut(ILogger logger, string source, string what);

    [LoggerMessage(2007, LogLevel.Warning, "Source '{Source}', table '{Table}' waits: {Reason}")]
    public static partial void TableWaits(ILogger logger, string source, string table, string reason);
}

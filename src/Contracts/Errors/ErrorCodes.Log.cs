namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode LogWriterFenced = new(3001, ErrorKind.LogFenced, "Another writer of this prefix was opened",
        "Give each source a topic prefix of its own; two captures cannot write one prefix.");

    public static readonly ErrorCode LogLocked = new(3002, ErrorKind.LogFenced, "Another process has the log open",
        "Stop the other process, or give this one a log folder of its own.");

    public static readonly ErrorCode LogStorageFailed = new(3003, ErrorKind.LogUnavailable, "The log's storage failed",
        "Look at the disk that holds the log; nothing that was not written is confirmed to the source. Then start again.");

    public static readonly ErrorCode LogCorrupt = new(3004, ErrorKind.LogCorrupt, "The log is damaged before its end",
        "Bring the missing or damaged file back from a copy, or run 'cdc resync FILE --all': the journal is set aside and all tables are " +
        "read again into a new one.");

    public static readonly ErrorCode LogFormatUnknown = new(3005, ErrorKind.LogCorrupt, "The log was written by another version",
        "Use the version that wrote it, or a newer one.");

    public static readonly ErrorCode LogWriterUnusable = new(3006, ErrorKind.Internal, "A log writer was used after it failed",
        "This is a defect: keep the log and report it with the lines above.");

    public static readonly ErrorCode OffsetNoLongerHeld = new(3010, ErrorKind.LogPositionLost, "The log no longer holds an offset",
        "Records were removed before they were applied. Run 'cdc resync' for the table named, it goes on by itself once the re-read has " +
        "begun; keep the log for longer.");

    public static readonly ErrorCode OffsetBeyondEnd = new(3011, ErrorKind.LogPositionLost, "The log lost its end",
        "Records that were applied are not in the log. Bring the right log back, or run 'cdc resync FILE --all': the table goes on by " +
        "itself once its re-read has begun.");

    public static readonly ErrorCode TopicUnknown = new(3012, ErrorKind.LogPositionLost, "The log has no such topic or partition",
        "The log is another one than before. Bring the right one back, or let capture make the topic anew: its first read repairs the " +
        "table named.");

    public static readonly ErrorCode LogLockUnsupported = new(3022, ErrorKind.LogUnavailable, "The log's folder cannot be locked",
        "Its file system has no locks, or they are switched off (an NFS or FUSE mount; 'DOTNET_SYSTEM_IO_DISABLEFILELOCKING'). Give the " +
        "log a folder on a local file system, or mount it with locks.");

    public static readonly ErrorCode CommandStopped = new(3023, ErrorKind.LogUnavailable, "A command was stopped before it was done",
        "Call it again: it finds what is done already, and does the rest.");

    public static readonly ErrorCode LogNotThere = new(3030, ErrorKind.LogUnavailable, "There is no log to look at yet",
        "Run 'cdc run FILE': it makes the log and captures into it. Else look at 'log.embedded.path' of the configuration.");

    public static readonly ErrorCode LogOwnerSilent = new(3031, ErrorKind.LogFenced, "The process that has the log open does not answer",
        "Call again in a moment: it may be starting or ending. Call as the user that runs it: the files 'http-address' and 'http-token' " +
        "in the log's folder are for that user only.");

    public static readonly ErrorCode AnotherInstallation = new(3024, ErrorKind.LogUnavailable,
        "Another program answers at this installation's address",
        "Nothing of this configuration runs: its process ended without taking its address back, and the port is another's now. 'cdc run " +
        "FILE' starts it again; where 'http.port' names that port, give it another one.");

    public static readonly ErrorCode RecordDamaged = new(3021, ErrorKind.LogCorrupt, "A record's lengths do not add up",
        "The log is damaged: bring it back from a copy, or run 'cdc reset' and start anew.");
}

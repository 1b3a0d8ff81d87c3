namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode LogWriterFenced = new(3001, ErrorKind.LogFenced, "Another writer of this prefix was opened",
        "Give each source a topic prefix of its own. Two captures cannot write one prefix.");

    public static readonly ErrorCode LogLocked = new(3002, ErrorKind.LogFenced, "Another process has the log open",
        "Stop the other process, or give this one another log folder.");

    public static readonly ErrorCode LogStorageFailed = new(3003, ErrorKind.LogUnavailable, "The log's storage failed",
        "Look at the disk that holds the log, then start again. What was not written is not confirmed to the source, so nothing is " +
        "lost.");

    public static readonly ErrorCode LogCorrupt = new(3004, ErrorKind.LogCorrupt, "The log is damaged before its end",
        "Bring the missing or damaged file back from a copy. Or run 'cdc resync FILE --all': it sets the journal aside and reads " +
        "all tables again into a new one.");

    public static readonly ErrorCode LogFormatUnknown = new(3005, ErrorKind.LogCorrupt, "The log was written by another version",
        "Use the version that wrote it, or a newer one.");

    public static readonly ErrorCode LogWriterUnusable = new(3006, ErrorKind.Internal, "A log writer was used after it failed",
        "This is a defect. Keep the log and report it with the lines above.");

    public static readonly ErrorCode OffsetNoLongerHeld = new(3010, ErrorKind.LogPositionLost, "The log no longer holds an offset",
        "Records were removed before they were applied. Run 'cdc resync' for the table named: it resumes automatically when the " +
        "re-read starts. Keep records in the log for longer.");

    public static readonly ErrorCode OffsetBeyondEnd = new(3011, ErrorKind.LogPositionLost, "The log lost its end",
        "Records that were applied are not in the log. Bring the right log back. Or run 'cdc resync FILE --all': the table resumes " +
        "automatically when its re-read starts.");

    public static readonly ErrorCode TopicUnknown = new(3012, ErrorKind.LogPositionLost, "The log does not have the topic or partition",
        "This is not the log that was used before. Bring the right one back. Or let capture create the topic again: its first read " +
        "repairs the table named.");

    public static readonly ErrorCode LogLockUnsupported = new(3022, ErrorKind.LogUnavailable, "The log's folder cannot be locked",
        "Its file system has no locks, or they are switched off (an NFS or FUSE mount; 'DOTNET_SYSTEM_IO_DISABLEFILELOCKING'). Put " +
        "the log on a local file system, or mount the file system with locks.");

    public static readonly ErrorCode CommandStopped = new(3023, ErrorKind.LogUnavailable, "A command was stopped before it was done",
        "Run it again: it finds what is done already and does the rest.");

    public static readonly ErrorCode LogNotThere = new(3030, ErrorKind.LogUnavailable, "There is no log yet",
        "Run 'cdc run FILE': it creates the log and captures into it. If it has run before, check 'log.embedded.path' in the " +
        "configuration.");

    public static readonly ErrorCode LogOwnerSilent = new(3031, ErrorKind.LogFenced, "The process that has the log open does not answer",
        "Run the command again in a moment: the process may be starting or stopping. Run it as the user of that process: only that " +
        "user may read 'http-address' and 'http-token' in the log's folder.");

    public static readonly ErrorCode AnotherInstallation = new(3024, ErrorKind.LogUnavailable,
        "Another program answers at this installation's address",
        "Nothing of this configuration runs. Its process ended without a clean stop, and another program has the port now. 'cdc run " +
        "FILE' starts it again. If 'http.port' names that port, choose another one.");

    public static readonly ErrorCode RecordDamaged = new(3021, ErrorKind.LogCorrupt, "A record's lengths do not add up",
        "The log is damaged. Bring it back from a copy, or run 'cdc reset' and start from nothing.");
}

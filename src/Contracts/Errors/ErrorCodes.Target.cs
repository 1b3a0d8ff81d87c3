namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode TargetUnreachable = new(5001, ErrorKind.TargetUnreachable, "The target cannot be reached",
        "Check host and port, and that the server is up. 'cdc run' tries again automatically; run any other command again yourself. " +
        "Nothing is lost.");

    public static readonly ErrorCode TargetAccessDenied = new(5002, ErrorKind.TargetAccessDenied, "The target refused the user",
        "Check user and password, and that the user may create schemas and tables.");

    public static readonly ErrorCode TargetFull = new(5003, ErrorKind.TargetFull, "The target has no room left",
        "Make room. The sink tries again automatically, and nothing is lost.");

    public static readonly ErrorCode TargetConflict = new(5004, ErrorKind.TargetConflict,
        "Two transactions of the target blocked each other",
        "The sink tries again automatically. If it happens often, find out who else writes or locks the table.");

    public static readonly ErrorCode TargetHeld = new(5005, ErrorKind.TargetUnreachable, "Another program has the target's file open",
        "Close the other program, or let it open the file only for a query. The sink tries again automatically.");

    public static readonly ErrorCode TargetTlsFailed = new(5006, ErrorKind.TargetAccessDenied, "The target's TLS does not fit the settings",
        "Check 'tls': its mode, the file of the certificate authority, and the host name.");

    public static readonly ErrorCode LedgerMoved = new(5010, ErrorKind.LedgerMismatch, "Another process moved the ledger",
        "Another process runs this sink. Run one process per sink, or give this sink another name.");

    public static readonly ErrorCode TargetTableTaken = new(5011, ErrorKind.TargetTableUnsuitable, "A target table belongs to another sink",
        "Give this sink another target schema or table, or drop the table. If the installation or the sink was renamed, give it its " +
        "former name.");

    public static readonly ErrorCode TargetColumnUnsuitable = new(5012, ErrorKind.TargetTableUnsuitable,
        "A target column is not as expected",
        "Undo the change of the target table, or drop the table and run 'cdc resync'.");

    public static readonly ErrorCode TargetNameTooLong = new(5013, ErrorKind.TargetNameUnsuitable, "A name is too long for the target",
        "Name the table with the sink's 'target', or exclude it.");

    public static readonly ErrorCode TargetNameUnusable = new(5014, ErrorKind.TargetNameUnsuitable, "A name cannot be used in the target",
        "Rename it in the source, or exclude the table.");

    public static readonly ErrorCode TargetKeyMissing = new(5015, ErrorKind.TargetTableUnsuitable,
        "A change does not say which row it means",
        "The table has no key, so its changes must carry the complete old row. Set its REPLICA IDENTITY to FULL, or give it a " +
        "primary key. Then run 'cdc resync'.");

    public static readonly ErrorCode TargetIsSource = new(5016, ErrorKind.TargetNameUnsuitable, "The target is the source itself",
        "Give the sink's 'target' another database, or another schema than the source's. The source's 'tables' must exclude that " +
        "schema.");

    public static readonly ErrorCode TargetRowMissing = new(5017, ErrorKind.TargetTableUnsuitable,
        "A row to be removed is not in the target",
        "The table has no key, and no row of the target equals the row that the source removed. Somebody else changed the target " +
        "table, or a column was added with a default. Run 'cdc resync' for the table.");

    public static readonly ErrorCode LedgerUnreadable = new(5018, ErrorKind.LedgerMismatch, "The ledger has content that no sink wrote",
        "Undo what was changed in '_cdc.ledger' or '_cdc.tables'. You may set a row's 'last_record' to NULL.");

    public static readonly ErrorCode TargetTableLost = new(5019, ErrorKind.TargetTableUnsuitable, "A target table that had rows is gone",
        "Somebody dropped it, or 'target' gives it another name now. Bring it back, or run 'cdc resync' for the table: the re-read " +
        "creates it again with all its rows.");

    public static readonly ErrorCode TargetValueUnsupported = new(5020, ErrorKind.TargetValueUnsupported, "The target cannot hold a value",
        "Correct the value in the source and run 'cdc resync', or use another target.");

    public static readonly ErrorCode LedgerOfOtherLog = new(5021, ErrorKind.LogPositionLost, "The sink's ledger belongs to another log",
        "If another installation has the same name, give this one another 'name'. If the log was lost or replaced, bring it back, " +
        "or run 'cdc resync FILE --all' to read every table again.");

    public static readonly ErrorCode TargetTableDenied = new(5025, ErrorKind.TargetTableUnsuitable,
        "The target denies the user access to a table",
        "Grant the sink's user what the message names, or make it the owner of the table. The table is then tried again " +
        "automatically, and nothing is lost.");

    public static readonly ErrorCode TargetTableLocked = new(5026, ErrorKind.TargetTableUnsuitable, "A target table is locked",
        "Find out in 'pg_locks' who has the lock (a long report, VACUUM FULL, an open transaction). The table is tried again " +
        "automatically. Other tables continue, and nothing is lost.");

    public static readonly ErrorCode TargetShared = new(5027, ErrorKind.TargetConflict, "A pooler shares the target's connections",
        "The sink tries again and keeps nothing from one transaction to the next. Small batches are faster on a connection without " +
        "a pooler.");

    public static readonly ErrorCode TargetRowIncomplete = new(5028, ErrorKind.TargetTableUnsuitable,
        "A change does not carry its complete row, and the target has none",
        "A table that was read before is read again automatically. Otherwise run 'cdc resync' for it, or set its REPLICA IDENTITY " +
        "to FULL.");

    public static readonly ErrorCode TargetValueTooLarge = new(5029, ErrorKind.TargetValueTooLarge,
        "A value is larger than the sink may take",
        "Raise the sink's 'maxValueSize' and start again: the table resumes where it stopped. Or make the value smaller in the " +
        "source and run 'cdc resync' for the table.");

    public static readonly ErrorCode DuckDbRowsTooLarge = new(5030, ErrorKind.TargetTransactionTooLarge,
        "DuckDB's memory limit is too small for rows of a table",
        "Raise the sink's 'memoryLimit' to about eight times the largest value, or leave it out, and start again. The table " +
        "resumes where it stopped. Until then it waits. Other tables continue, and nothing is lost.");

    public static readonly ErrorCode TargetMetadataTaken = new(5034, ErrorKind.TargetNameUnsuitable,
        "A column has the name of a platform column",
        "Set the sink's 'target.metadata.prefix' to a prefix that no column of the table begins with, such as '_sync_'. The " +
        "platform's columns are then renamed in all tables of the sink.");

    public static readonly ErrorCode TargetNoteLost = new(5035, ErrorKind.TargetTableUnsuitable,
        "A target table has rows, and the ledger that told of them is gone",
        "Somebody dropped the schema '_cdc', or brought the table here without it: bring it back. Or empty the table with TRUNCATE: it " +
        "is then filled from the log automatically. If the log no longer holds all of it (CDC-5081), run 'cdc resync FILE TABLE'.");

    public static readonly ErrorCode DuckDbLibraryMissing = new(5050, ErrorKind.ConfigurationInvalid, "DuckDB's library cannot be loaded",
        "Install cdc again: the library is in its folder, for Linux (glibc), macOS and Windows on x64 and arm64. On another system use a " +
        "PostgreSQL target.");

    public static readonly ErrorCode DuckDbFileUnsuitable = new(5051, ErrorKind.ConfigurationInvalid,
        "The target's file is not a DuckDB database",
        "Name another file, or move this one away. A file written by a newer DuckDB needs the library of that version.");

    public static readonly ErrorCode DuckDbMemoryShort = new(5052, ErrorKind.TargetFull, "DuckDB's memory limit is too small",
        "Set the sink's 'memoryLimit' to eight times the length of the log that the message names, at least '128MiB', or leave it out. " +
        "The sink tries again automatically, and nothing is lost.");

    public static readonly ErrorCode DuckDbFailed = new(5053, ErrorKind.TargetUnreachable, "DuckDB failed outside of a table",
        "Read DuckDB's message. The sink opens the file again and tries again automatically.");

    public static readonly ErrorCode TopicReplaced = new(5080, ErrorKind.LogPositionLost, "A topic was created again under its name",
        "The log was replaced. Bring the right one back, or run 'cdc resync' for the table named: it resumes automatically when the " +
        "re-read starts.");

    public static readonly ErrorCode ConsumerTooLate = new(5081, ErrorKind.LogPositionLost,
        "The records of a table were removed before the sink arrived",
        "Run 'cdc resync' for the table named: it starts automatically when the re-read starts. Keep records in the log for longer.");

    public static readonly ErrorCode TablesStopped = new(5085, ErrorKind.TargetTableUnsuitable,
        "A run until caught up left tables behind",
        "See the lines above, or 'cdc status' of a run, for each table's own code and remedy.");

    public static readonly ErrorCode RunTimedOut = new(5086, ErrorKind.TargetTableUnsuitable, "A run until caught up exceeded its time",
        "What was applied stays, and the next run continues there. See what the run waited for, or give '--timeout' more time.");

    public static readonly ErrorCode TargetFailed = new(5090, ErrorKind.TargetTableUnsuitable, "The target refused a statement",
        "Read the target's message, fix the cause, and start again.");
}

namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode TargetUnreachable = new(5001, ErrorKind.TargetUnreachable, "The target cannot be reached",
        "Check host, port and that the server is up; it is tried again, and nothing is lost meanwhile.");

    public static readonly ErrorCode TargetAccessDenied = new(5002, ErrorKind.TargetAccessDenied, "The target refused the user",
        "Check user and password, and that the user may create schemas and tables.");

    public static readonly ErrorCode TargetFull = new(5003, ErrorKind.TargetFull, "The target has no room left",
        "Make room; it is tried again, and nothing is lost meanwhile.");

    public static readonly ErrorCode TargetConflict = new(5004, ErrorKind.TargetConflict,
        "Two transactions of the target stood in each other's way",
        "It is tried again; if it goes on, look at who else writes or locks the table.");

    public static readonly ErrorCode TargetHeld = new(5005, ErrorKind.TargetUnreachable, "The target's file is open elsewhere",
        "Close the other program, or let it open the file for a query only; it is tried again.");

    public static readonly ErrorCode TargetTlsFailed = new(5006, ErrorKind.TargetAccessDenied, "The target's TLS does not fit the settings",
        "Check 'tls': its mode, the certificate authority's file and the host's name.");

    public static readonly ErrorCode LedgerMoved = new(5010, ErrorKind.LedgerMismatch, "The ledger was moved by another",
        "Another process runs this sink; run one process per sink, or give it a name of its own.");

    public static readonly ErrorCode TargetTableTaken = new(5011, ErrorKind.TargetTableUnsuitable, "A target table belongs to another",
        "Give this sink another target schema or table, or drop the table. Where the installation or the sink has a new name, give it " +
        "the former one.");

    public static readonly ErrorCode TargetColumnUnsuitable = new(5012, ErrorKind.TargetTableUnsuitable,
        "A target column is not as it should be",
        "Undo what was changed on the target's table, or drop it and run 'cdc resync'.");

    public static readonly ErrorCode TargetNameTooLong = new(5013, ErrorKind.TargetNameUnsuitable, "A name is too long for the target",
        "Name the table with the sink's 'target', or leave it out.");

    public static readonly ErrorCode TargetNameUnusable = new(5014, ErrorKind.TargetNameUnsuitable, "A name cannot be used in the target",
        "Rename it in the source, or leave the table out.");

    public static readonly ErrorCode TargetKeyMissing = new(5015, ErrorKind.TargetTableUnsuitable,
        "A change does not tell which row it means",
        "The table has no key, so its changes must carry the whole old row: set its REPLICA IDENTITY to FULL, or give it a primary key, " +
        "and run 'cdc resync'.");

    public static readonly ErrorCode TargetIsSource = new(5016, ErrorKind.TargetNameUnsuitable, "The target is the source itself",
        "Give the sink's 'target' another schema than the source's, one that the source's 'tables' leave out, or another database.");

    public static readonly ErrorCode TargetRowMissing = new(5017, ErrorKind.TargetTableUnsuitable,
        "A row to be removed is not in the target",
        "The table has no key, and no row of the target equals the one that the source removed: somebody else changed the target's " +
        "table, or a column was added with a default. Run 'cdc resync' for the table.");

    public static readonly ErrorCode LedgerUnreadable = new(5018, ErrorKind.LedgerMismatch, "The ledger holds what no sink wrote",
        "Undo what was changed in '_cdc.ledger' or '_cdc.tables'; a row's 'last_record' may be set to NULL.");

    public static readonly ErrorCode TargetTableLost = new(5019, ErrorKind.TargetTableUnsuitable, "A target table that had rows is gone",
        "It was dropped, or 'target' names it otherwise now. Bring it back, or run 'cdc resync' for the table: it is made again, and all " +
        "its rows come.");

    public static readonly ErrorCode TargetValueUnsupported = new(5020, ErrorKind.TargetValueUnsupported, "The target cannot hold a value",
        "Correct the value in the source and run 'cdc resync', or use another target.");

    public static readonly ErrorCode LedgerOfOtherLog = new(5021, ErrorKind.LogPositionLost, "The sink's ledger is of another log",
        "Where another installation has the same name, give this one another 'name'. Where the log was lost or replaced, bring it back, " +
        "or run 'cdc resync FILE --all': every table is read again.");

    public static readonly ErrorCode TargetTableDenied = new(5025, ErrorKind.TargetTableUnsuitable,
        "The target refuses a table to the user",
        "Grant the sink's user what the message names, or make it the table's owner; it is tried again, and nothing is lost meanwhile.");

    public static readonly ErrorCode TargetTableLocked = new(5026, ErrorKind.TargetTableUnsuitable, "Somebody has a lock on a target table",
        "Look in 'pg_locks' for who has it (a long report, VACUUM FULL, an open transaction); it is tried again, other tables go on, and " +
        "nothing is lost meanwhile.");

    public static readonly ErrorCode TargetShared = new(5027, ErrorKind.TargetConflict, "A pooler shares the target's connections out",
        "It is tried again with nothing kept from one transaction to the next; small batches are faster on a connection without a pooler.");

    public static readonly ErrorCode TargetRowIncomplete = new(5028, ErrorKind.TargetTableUnsuitable,
        "A change does not carry its whole row, and the target has none",
        "A table that was read before is read again by itself. Else run 'cdc resync' for it, or set its REPLICA IDENTITY to FULL.");

    public static readonly ErrorCode TargetValueTooLarge = new(5029, ErrorKind.TargetValueUnsupported,
        "A value is larger than the sink may take",
        "Raise the sink's 'maxValueSize' and start again: the table goes on where it stopped. Or make the value smaller in the source " +
        "and run 'cdc resync' for the table.");

    public static readonly ErrorCode DuckDbRowsTooLarge = new(5030, ErrorKind.TargetTransactionTooLarge,
        "DuckDB's memory limit is too small for rows of a table",
        "Raise the sink's 'memoryLimit', to about eight times the largest value, or leave it out, and start again: the table goes on " +
        "where it stopped. It is tried again, other tables go on, and nothing is lost meanwhile.");

    public static readonly ErrorCode TargetMetadataTaken = new(5034, ErrorKind.TargetNameUnsuitable,
        "A column has the name of one of the platform's own",
        "Set the sink's 'target.metadata.prefix' to one that no column of the table begins with, such as '_sync_': the platform's " +
        "columns are renamed in all of the sink's tables.");

    public static readonly ErrorCode DuckDbLibraryMissing = new(5050, ErrorKind.ConfigurationInvalid, "DuckDB's library cannot be used",
        "Run build/setup.sh, or set CDC_DUCKDB to the file of DuckDB's library (libduckdb) in version 1.4 or newer.");

    public static readonly ErrorCode DuckDbFileUnsuitable = new(5051, ErrorKind.ConfigurationInvalid,
        "The target's file is no DuckDB database",
        "Name another file, or move this one away; a file written by a newer DuckDB needs that version's library.");

    public static readonly ErrorCode DuckDbMemoryShort = new(5052, ErrorKind.TargetFull, "DuckDB's memory limit is too small",
        "Raise the sink's 'memoryLimit', or make its batches smaller; it is tried again, and nothing is lost meanwhile.");

    public static readonly ErrorCode DuckDbFailed = new(5053, ErrorKind.TargetUnreachable, "DuckDB failed outside of a table",
        "Look at DuckDB's message; the file is opened anew and it is tried again.");

    public static readonly ErrorCode TopicReplaced = new(5080, ErrorKind.LogPositionLost, "A topic was made anew under its name",
        "The log was replaced. Bring the right one back, or run 'cdc resync' for the table named: it goes on by itself once the re-read " +
        "has begun.");

    public static readonly ErrorCode ConsumerTooLate = new(5081, ErrorKind.LogPositionLost, "A sink comes after its records were removed",
        "Run 'cdc resync' for the table named, it begins by itself once the re-read has begun; keep the log for longer.");

    public static readonly ErrorCode TablesStandStill = new(5085, ErrorKind.TargetTableUnsuitable,
        "A run until caught up left tables behind",
        "Look at the lines above, or at 'cdc status' of a run, for each table's own code and what to do about it.");

    public static readonly ErrorCode RunTimedOut = new(5086, ErrorKind.TargetTableUnsuitable,
        "A run until caught up took longer than it may",
        "What is applied stays, and the next run goes on from there. Look at what it waited for, or give '--timeout' more.");

    public static readonly ErrorCode TargetFailed = new(5090, ErrorKind.TargetTableUnsuitable, "The target refused a statement",
        "Look at the target's message; then start again.");
}

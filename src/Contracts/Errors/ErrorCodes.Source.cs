namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode SourceUnreachable = new(2001, ErrorKind.SourceUnreachable, "The source cannot be reached",
        "Check host and port, and that the server is up. 'cdc run' tries again automatically; run any other command again yourself.");

    public static readonly ErrorCode SourceAccessDenied = new(2002, ErrorKind.SourceAccessDenied, "The source refused the user",
        "Check user, password and the server's access rules (pg_hba.conf).");

    public static readonly ErrorCode SourceTlsFailed = new(2003, ErrorKind.SourceAccessDenied, "The source's TLS does not fit the settings",
        "Check 'tls': its mode, the file of the certificate authority, and the host name.");

    public static readonly ErrorCode SourceBusy = new(2005, ErrorKind.SourceBusy, "Another process uses the slot",
        "Stop the other process, or leave this one waiting: 'cdc run' tries again automatically.");

    public static readonly ErrorCode SourceSlotMissing = new(2006, ErrorKind.SourcePositionLost, "The source does not have the slot",
        "Changes since the slot was dropped are not kept. Bring the slot back from a standby, or run 'cdc resync FILE --all' to " +
        "read all tables again.");

    public static readonly ErrorCode SourceSlotInvalidated = new(2007, ErrorKind.SourcePositionLost,
        "The source no longer serves the slot's position",
        "The server removed what the slot still needed (see 'max_slot_wal_keep_size'), or the slot is of another kind or database. " +
        "Run 'cdc resync FILE --all' to read all tables again.");

    public static readonly ErrorCode SourceSettingUnsuitable = new(2008, ErrorKind.SourceSettingUnsuitable,
        "A setting of the source does not allow change capture",
        "Read the server's message. 'cdc check' says what is needed: 'wal_level', free slots and senders, permissions.");

    public static readonly ErrorCode SourceFailed = new(2009, ErrorKind.SourceSettingUnsuitable,
        "The source ended a command or the stream with an error",
        "Read the server's message, fix the cause, and start again.");

    public static readonly ErrorCode SourceProtocolViolation = new(2010, ErrorKind.ProtocolViolation,
        "The source sent bytes that are not in the protocol",
        "Nothing was confirmed beyond the position named. Report it with the server's version.");

    public static readonly ErrorCode SourcePublicationMissing = new(2011, ErrorKind.SourceSettingUnsuitable,
        "The source does not have the publication",
        "Create the publication, or correct its name. If it was dropped and created again, the changes in between cannot be read " +
        "any more: run 'cdc resync FILE --all' to read all tables again. Without 'create', create the slot again first.");

    public static readonly ErrorCode SourceRightMissing = new(2012, ErrorKind.SourceAccessDenied,
        "The user lacks a permission at the source",
        "Grant what the message names. 'cdc check' lists every permission that is needed, each with its statement.");

    public static readonly ErrorCode SourceReplaced = new(2020, ErrorKind.SourcePositionLost, "The source is not the one captured before",
        "Give the source its old address back. Or run 'cdc resync FILE --all' to read all tables again from this one.");

    public static readonly ErrorCode SourceOtherHistory = new(2021, ErrorKind.SourcePositionLost, "The source has another history",
        "The server was restored, or failed over without the slot, or the slot was created again. Run 'cdc resync FILE --all' to " +
        "read all tables again.");

    public static readonly ErrorCode SourceSlotAhead = new(2022, ErrorKind.SourcePositionLost,
        "The slot is ahead of what capture confirmed",
        "Another program used the slot, or the log lost its end. The changes in between are not in the log. Run 'cdc resync FILE " +
        "--all' to read all tables again.");

    public static readonly ErrorCode SourceIsStandby = new(2023, ErrorKind.SourceSettingUnsuitable, "The source is a standby server",
        "Connect to the primary. Snapshots of a standby do not show which transactions are running.");

    public static readonly ErrorCode SourceSlotForeign = new(2024, ErrorKind.SourceSettingUnsuitable, "The slot is of another kind",
        "Name another slot: it must be a logical slot of this database, made for 'pgoutput'. Or, if nobody needs this slot, drop it " +
        "in its own database with the statement in the message, and start again.");

    public static readonly ErrorCode CheckpointUnreadable = new(2025, ErrorKind.LogCorrupt, "The checkpoint does not belong to this source",
        "The log was written by another version or for another kind of source. Give the source another topic prefix, or run 'cdc " +
        "reset'.");

    public static readonly ErrorCode SourceSlotUnused = new(2026, ErrorKind.SourcePositionLost,
        "The slot exists but its checkpoint is lost",
        "The checkpoint was lost while the log holds records of this prefix. Bring the log back from a copy, or run 'cdc resync " +
        "FILE --all' to read all tables again.");

    public static readonly ErrorCode SourceTimelineLeft = new(2027, ErrorKind.SourcePositionLost,
        "The source was promoted without the last changes in the log",
        "The new primary never had the last changes that the log and the targets hold. Go back to the old primary if it is intact, " +
        "or run 'cdc reset' and start from nothing.");

    public static readonly ErrorCode SourceAwaitsPromotion = new(2028, ErrorKind.SourceUnreachable,
        "A standby answers at the address of the primary",
        "During a failover, wait: capture continues once the standby is promoted. Otherwise give the source the address of its " +
        "primary.");

    public static readonly ErrorCode SourceQueryFailed = new(2030, ErrorKind.SourceSettingUnsuitable,
        "The source refused a query of its catalog",
        "Read the server's message, check the role's permissions, and start again.");

    public static readonly ErrorCode SourceTypeUnknown = new(2031, ErrorKind.SourceSchemaUnsupported,
        "A column's type is no longer in the catalog",
        "The type was dropped after the change was made. Run 'cdc resync' for the table.");

    public static readonly ErrorCode SourceKeyUnknown = new(2032, ErrorKind.SourceSchemaUnsupported,
        "The key of a table cannot be determined",
        "Publish the complete key: a column list must name all columns of the key. Generated columns are sent from PostgreSQL 18 " +
        "on, if the publication has 'publish_generated_columns = stored'. Or identify rows by other columns that are sent: CREATE " +
        "UNIQUE INDEX … over them (each NOT NULL), then ALTER TABLE … REPLICA IDENTITY USING INDEX …. The table resumes " +
        "automatically. If its key changed only after the change was made, run 'cdc resync' for it.");

    public static readonly ErrorCode SourceTextInvalid = new(2040, ErrorKind.SourceValueUnsupported, "A value is not text of its type",
        "The column's type was changed in a way that is not understood. Run 'cdc resync' for the table.");

    public static readonly ErrorCode SourceCopyInvalid = new(2041, ErrorKind.ProtocolViolation, "Rows are not in the COPY text format",
        "Nothing of the row was published. Report it with the server's version.");

    public static readonly ErrorCode KeyValueUnsupported = new(2060, ErrorKind.SourceValueUnsupported,
        "A key holds a value that no key can carry",
        "Correct the row in the source: a key cannot hold NaN, an infinite number or a nested array. Then run 'cdc resync'.");

    public static readonly ErrorCode TopicShared = new(2061, ErrorKind.SourceSchemaUnsupported, "Two tables would share a topic",
        "The table named first keeps the topic. For the other table, set 'topics: { naming: escaped }' and start again, or rename " +
        "it; tables that have a topic keep it. Then run 'cdc resync FILE TABLE'.");

    public static readonly ErrorCode SnapshotUnreadable = new(2062, ErrorKind.ProtocolViolation,
        "The visibility of a read is not understood",
        "Nothing of the read was published. Report it with the server's version.");

    public static readonly ErrorCode SourceIdentityMissing = new(2063, ErrorKind.SourceSchemaUnsupported,
        "A published table has no replica identity",
        "Its updates and deletes fail at the source. Give it a primary key, or run 'ALTER TABLE … REPLICA IDENTITY FULL' on it and " +
        "on its partitions; then run 'cdc resync' for it. Or take it out of the publication.");

    public static readonly ErrorCode SourceRowsUnordered = new(2075, ErrorKind.SourceSchemaUnsupported,
        "Rows of a table arrived out of order",
        "Nothing of the chunk was published. Report it with the server's version and the table's access method ('\\d+' shows it). " +
        "Exclude the table until then.");

    public static readonly ErrorCode SourceTextNotUtf8 = new(2076, ErrorKind.SourceValueUnsupported, "A table holds text that is not UTF-8",
        "Correct the rows in the source, then run 'cdc resync'. For bytes in LATIN1, use: UPDATE … SET c = " +
        "convert_from(convert(convert_to(c, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'UTF8'). Or publish the table without the column.");

    public static readonly ErrorCode SourceRowTooLong = new(2077, ErrorKind.SourceTableUnreadable,
        "A row is too long for the server to send",
        "The server sends no row whose text is longer than 1 GB. Shorten the row, or publish the table without the column. The " +
        "table is then tried again automatically, within 15 minutes.");

    public static readonly ErrorCode SourceTextUntranslatable = new(2078, ErrorKind.SourceTableUnreadable,
        "A table holds text that the server cannot turn into UTF-8",
        "Correct the rows, or publish the table without the column: each change of such a row would end the stream of all tables. " +
        "The table is then tried again automatically, within 15 minutes.");

    public static readonly ErrorCode SourceColumnsMissing = new(2079, ErrorKind.SourceSchemaUnsupported, "A published table has no columns",
        "Its rows say nothing, so there is nothing to capture. Add a column ('ALTER TABLE … ADD COLUMN …') and the table is read. " +
        "Or take it out of the publication.");

    public static readonly ErrorCode SourceTableChanged = new(2100, ErrorKind.SourceValueUnsupported,
        "A table changed outside the stream and may not be read again",
        "Nobody knows what its records lack, and 'snapshot.mode: never' forbids reading it. Run 'cdc resync FILE TABLE': the table " +
        "resumes when its re-read starts.");

    public static readonly ErrorCode SourceTableUnsteady = new(2101, ErrorKind.SourceSchemaUnsupported,
        "A table keeps changing while it is read",
        "Nothing to do if the changes end: the table is read again after growing pauses, up to 15 minutes. DDL, VACUUM FULL, a " +
        "truncation or a change of the publication can cause this.");

    public static readonly ErrorCode RequestUnreadable = new(2065, ErrorKind.LogCorrupt, "A request for a re-read is not understood",
        "Another program or version wrote into the log's own topic of requests. Bring the log back from a copy, or run 'cdc reset'.");

    public static readonly ErrorCode SourceTransactionOpen = new(2070, ErrorKind.SourceBusy,
        "An open transaction at the source must end first",
        "Wait: capture continues automatically when it ends. Or end it with the statement in the message. 'SELECT pid, xact_start, " +
        "application_name FROM pg_stat_activity' and 'pg_prepared_xacts' show all open transactions.");

    public static readonly ErrorCode ResyncTableUnknown = new(2066, ErrorKind.ConfigurationInvalid,
        "The table to be read again is not captured",
        "Run 'cdc status' to list the tables. If yours is missing, select it with the source's 'tables' and add it to the " +
        "publication.");

    public static readonly ErrorCode SourceTableLocked = new(2080, ErrorKind.SourceTableUnreadable, "A table of the source is locked",
        "Only that table waits. It is tried again every few seconds. If the lock stays, see in pg_stat_activity what the named " +
        "process does.");

    public static readonly ErrorCode SourceReadGaveWay = new(2081, ErrorKind.SourceTableUnreadable,
        "Reading a table without a key was interrupted for somebody who waited for it",
        "Nothing to do: the read starts again once the table is free. With a key the table is read in chunks, and nobody waits.");

    public static readonly ErrorCode SourceValueTooLarge = new(2082, ErrorKind.SourceValueUnsupported,
        "A value is larger than the source may take",
        "Raise the source's 'maxValueSize' and start again: the table is then read again. Or make the value smaller in the source and " +
        "run 'cdc resync' for the table. Other tables continue.");

    public static readonly ErrorCode SourceTableDenied = new(2090, ErrorKind.SourceTableUnreadable, "The role may not read a table",
        "Grant the role what the message says: USAGE on the schema, SELECT on the table, and BYPASSRLS if row security hides rows. " +
        "The table is then tried again automatically.");

    public static readonly ErrorCode SourceTableUnreadable = new(2091, ErrorKind.SourceTableUnreadable, "The source failed to read a table",
        "Read the server's message and fix the cause. The table is then tried again automatically, within 15 minutes.");

    public static readonly ErrorCode SourceTableCrashes = new(2092, ErrorKind.SourceTableUnreadable,
        "Sessions were lost repeatedly while a table was read",
        "Look into the server's log: a damaged block can crash the server. The table is tried again automatically, within 15 " +
        "minutes. The other tables continue.");

    public static readonly ErrorCode SourceTableGone = new(2093, ErrorKind.SourceTableGone, "A table is gone",
        "Nothing to do: it was dropped before capture could look at it. Its topic stays.");
}

namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode SourceUnreachable = new(2001, ErrorKind.SourceUnreachable, "The source cannot be reached",
        "Check host, port and that the server is up; it is tried again.");

    public static readonly ErrorCode SourceAccessDenied = new(2002, ErrorKind.SourceAccessDenied, "The source refused the user",
        "Check user, password and the server's access rules (pg_hba.conf).");

    public static readonly ErrorCode SourceTlsFailed = new(2003, ErrorKind.SourceAccessDenied, "The source's TLS does not fit the settings",
        "Check 'tls': its mode, the certificate authority's file and the host's name.");

    public static readonly ErrorCode SourceBusy = new(2005, ErrorKind.SourceBusy, "Another process uses the slot",
        "If that is another capture of this source, leave this one waiting or stop one of them; it is tried again.");

    public static readonly ErrorCode SourceSlotMissing = new(2006, ErrorKind.SourcePositionLost, "The source has no such slot",
        "Changes since the slot was dropped are not kept. Bring the slot back from a standby, or run 'cdc resync FILE --all': all tables " +
        "are then read again.");

    public static readonly ErrorCode SourceSlotInvalidated = new(2007, ErrorKind.SourcePositionLost,
        "The source no longer serves the slot's position",
        "The server removed what the slot still needed (see 'max_slot_wal_keep_size'), or the slot is of another kind or database. Run " +
        "'cdc resync FILE --all': all tables are then read again.");

    public static readonly ErrorCode SourceSettingUnsuitable = new(2008, ErrorKind.SourceSettingUnsuitable,
        "A setting of the source does not allow change capture",
        "Look at the server's message; 'cdc check' tells what is needed: 'wal_level', free slots and senders, rights.");

    public static readonly ErrorCode SourceFailed = new(2009, ErrorKind.SourceSettingUnsuitable,
        "The source ended a command or the stream with an error",
        "Look at the server's message; then start again.");

    public static readonly ErrorCode SourceProtocolViolation = new(2010, ErrorKind.ProtocolViolation,
        "The source sent bytes that the protocol does not know",
        "Nothing was confirmed beyond the position named. Report it with the server's version.");

    public static readonly ErrorCode SourcePublicationMissing = new(2011, ErrorKind.SourceSettingUnsuitable,
        "The source has no such publication",
        "Create the publication, or correct its name. Where it was dropped and made again, changes in between cannot be read any more: " +
        "run 'cdc resync FILE --all', and all tables are read again (without 'create', make the slot anew before).");

    public static readonly ErrorCode SourceRightMissing = new(2012, ErrorKind.SourceAccessDenied, "The user lacks a right at the source",
        "Grant what the message names; 'cdc check' tells every right that is needed, each with its statement.");

    public static readonly ErrorCode SourceReplaced = new(2020, ErrorKind.SourcePositionLost, "The source is another one than before",
        "Give the source its old address back, or run 'cdc resync FILE --all': all tables are then read again from this one.");

    public static readonly ErrorCode SourceOtherHistory = new(2021, ErrorKind.SourcePositionLost, "The source's log is another history",
        "The server was restored, failed over without the slot, or the slot was made anew. Run 'cdc resync FILE --all': all tables are " +
        "then read again.");

    public static readonly ErrorCode SourceSlotAhead = new(2022, ErrorKind.SourcePositionLost, "The slot is further than we confirmed",
        "Another program used the slot, or the log here lost its end: changes in between are not in the log. Run 'cdc resync FILE " +
        "--all': all tables are then read again.");

    public static readonly ErrorCode SourceIsStandby = new(2023, ErrorKind.SourceSettingUnsuitable, "The source is a standby server",
        "Connect to the primary: a standby's snapshots do not tell which transactions are running.");

    public static readonly ErrorCode SourceSlotForeign = new(2024, ErrorKind.SourceSettingUnsuitable, "The slot is of another kind",
        "Name another slot: it must be a logical one of this database, made for 'pgoutput'. Or, if nobody needs the one that has the " +
        "name, drop it by the statement in the message, in its own database, and start again.");

    public static readonly ErrorCode CheckpointUnreadable = new(2025, ErrorKind.LogCorrupt, "The checkpoint is not of this source",
        "The log was written by another version or for another kind of source; give the source another topic prefix, or run 'cdc reset'.");

    public static readonly ErrorCode SourceSlotUnused = new(2026, ErrorKind.SourcePositionLost,
        "A slot stands without a checkpoint beside records of ours",
        "The checkpoint was lost while the log holds records of this prefix. Bring the log back from a copy, or run 'cdc resync FILE " +
        "--all': all tables are then read again.");

    public static readonly ErrorCode SourceTimelineLeft = new(2027, ErrorKind.SourcePositionLost,
        "The source was promoted from before what the log holds",
        "The new primary never had the last changes that the log and the targets hold. Go back to the old primary if it is whole, or run " +
        "'cdc reset' and start anew.");

    public static readonly ErrorCode SourceAwaitsPromotion = new(2028, ErrorKind.SourceUnreachable,
        "A standby answers where a primary was captured",
        "In a failover nothing: capture goes on once it is promoted. Else give the source the address of its primary.");

    public static readonly ErrorCode SourceQueryFailed = new(2030, ErrorKind.SourceSettingUnsuitable,
        "The source refused a query of its catalog",
        "Look at the server's message and at the role's rights; then start again.");

    public static readonly ErrorCode SourceTypeUnknown = new(2031, ErrorKind.SourceSchemaUnsupported,
        "A column's type is no longer in the catalog",
        "The type was dropped after the change was made; re-read the table with 'cdc resync'.");

    public static readonly ErrorCode SourceKeyUnknown = new(2032, ErrorKind.SourceSchemaUnsupported, "A table's key cannot be told",
        "Publish the whole key: a column list must name all of its columns; a generated one is sent from PostgreSQL 18 on, if the " +
        "publication says 'publish_generated_columns = stored'. Else identify rows by columns that are sent: CREATE UNIQUE INDEX … over " +
        "them (each NOT NULL), then ALTER TABLE … REPLICA IDENTITY USING INDEX …; the table goes on by itself. Where its key was only " +
        "changed after the change was made, re-read it with 'cdc resync'.");

    public static readonly ErrorCode SourceTextInvalid = new(2040, ErrorKind.SourceValueUnsupported, "A value is not text of its type",
        "The column's type was changed in a way that is not understood; re-read the table with 'cdc resync'.");

    public static readonly ErrorCode SourceCopyInvalid = new(2041, ErrorKind.ProtocolViolation, "Rows are not COPY text",
        "Nothing of the row was published. Report it with the server's version.");

    public static readonly ErrorCode KeyValueUnsupported = new(2060, ErrorKind.SourceValueUnsupported,
        "A key holds a value that no key can carry",
        "Correct the row in the source (a NaN, an infinite number or a nested array in a key), then run 'cdc resync'.");

    public static readonly ErrorCode TopicShared = new(2061, ErrorKind.SourceSchemaUnsupported, "Two tables would share a topic",
        "The table named first has the topic and goes on. For the other one set 'topics: { naming: escaped }' (tables that have a topic " +
        "keep it) and start again, or rename it; then run 'cdc resync FILE TABLE'.");

    public static readonly ErrorCode SnapshotUnreadable = new(2062, ErrorKind.ProtocolViolation, "What a read can see is not understood",
        "Nothing of the read was published. Report it with the server's version.");

    public static readonly ErrorCode SourceIdentityMissing = new(2063, ErrorKind.SourceSchemaUnsupported,
        "A published table has no replica identity",
        "Its updates and deletes fail on the source: give it a primary key, or run 'ALTER TABLE … REPLICA IDENTITY FULL' on it and on " +
        "its partitions, then 'cdc resync' it; or take it out of the publication.");

    public static readonly ErrorCode SourceRowsUnordered = new(2075, ErrorKind.SourceSchemaUnsupported,
        "A table's rows do not come in the order of their places",
        "Nothing of the chunk was published. Report it with the server's version and the table's access method ('\\d+' shows it); until " +
        "then leave the table out.");

    public static readonly ErrorCode SourceTextNotUtf8 = new(2076, ErrorKind.SourceValueUnsupported, "A table holds text that is not UTF-8",
        "Correct the rows in the source, then run 'cdc resync': bytes that are LATIN1, for one, become text by 'UPDATE … SET c = " +
        "convert_from(convert(convert_to(c, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'UTF8')'; or publish the table without the column.");

    public static readonly ErrorCode SourceRowTooLong = new(2077, ErrorKind.SourceTableUnreadable,
        "A row is too long for the server to send",
        "The server sends no row whose text is longer than 1 GB: shorten the row, or publish the table without the column. Nothing else " +
        "is to be done: the table is tried again, at the latest after a quarter of an hour.");

    public static readonly ErrorCode SourceTextUntranslatable = new(2078, ErrorKind.SourceTableUnreadable,
        "A table holds text that the server cannot turn into UTF-8",
        "Correct the rows, or publish the table without the column: each change of such a row would end the stream of all tables. " +
        "Nothing else is to be done: the table is tried again, at the latest after a quarter of an hour.");

    public static readonly ErrorCode SourceColumnsMissing = new(2079, ErrorKind.SourceSchemaUnsupported, "A published table has no columns",
        "Its rows say nothing, so there is nothing to capture: give it a column ('ALTER TABLE … ADD COLUMN …'), after which it is read, " +
        "or take it out of the publication.");

    public static readonly ErrorCode SourceTableChanged = new(2100, ErrorKind.SourceValueUnsupported,
        "A table that is not read was changed beside the stream",
        "What its records lack is not known, and 'snapshot.mode: never' forbids to read it. Have it read: 'cdc resync FILE TABLE'; it " +
        "goes on at the begin of that.");

    public static readonly ErrorCode SourceTableUnsteady = new(2101, ErrorKind.SourceSchemaUnsupported,
        "A table is changed again and again while it is read",
        "Nothing, if that ends: it is read again after growing pauses (up to 15 minutes). What changes it: DDL, VACUUM FULL, a " +
        "truncation, or changes of the publication.");

    public static readonly ErrorCode RequestUnreadable = new(2065, ErrorKind.LogCorrupt, "A request for a re-read is not understood",
        "Another program or version wrote into the log's own topic of requests; bring the log back from a copy, or run 'cdc reset'.");

    public static readonly ErrorCode SourceTransactionOpen = new(2070, ErrorKind.SourceBusy,
        "A transaction is open at the source that must end first",
        "Nothing, if it ends soon: capture goes on by itself then. Else end it as the message says. 'SELECT pid, xact_start, " +
        "application_name FROM pg_stat_activity' and 'pg_prepared_xacts' show all that are open.");

    public static readonly ErrorCode ResyncTableUnknown = new(2066, ErrorKind.ConfigurationInvalid,
        "A re-read was asked of a table that is not captured",
        "Look at 'cdc status' for the tables there are; one that is missing must be selected by the source's 'tables' and be in its " +
        "publication.");

    public static readonly ErrorCode SourceTableLocked = new(2080, ErrorKind.SourceTableUnreadable, "A table of the source is locked",
        "Only that table waits; it is tried again every few seconds. If it lasts, look at what the process that is named does " +
        "(pg_stat_activity).");

    public static readonly ErrorCode SourceReadGaveWay = new(2081, ErrorKind.SourceTableUnreadable,
        "The read of a table without a key ended for somebody who waited for it",
        "Nothing is to be done: it begins anew once the table is free. Give the table a key, and it is read in pieces that keep nobody " +
        "waiting.");

    public static readonly ErrorCode SourceTableDenied = new(2090, ErrorKind.SourceTableUnreadable,
        "The source lets the role not read a table",
        "Grant the role what the message says (USAGE on the schema, SELECT on the table; where row security hides rows: BYPASSRLS). " +
        "Nothing else is to be done: the table is tried again.");

    public static readonly ErrorCode SourceTableUnreadable = new(2091, ErrorKind.SourceTableUnreadable, "The source failed to read a table",
        "Look at the server's message. Once the cause is gone nothing is to be done: the table is tried again, at the latest after a " +
        "quarter of an hour.");

    public static readonly ErrorCode SourceTableCrashes = new(2092, ErrorKind.SourceTableUnreadable,
        "Sessions were lost again and again while a table was read",
        "Look into the server's log: a damaged block can crash it. The table is tried again, at the latest after a quarter of an hour; " +
        "the others go on.");

    public static readonly ErrorCode SourceTableGone = new(2093, ErrorKind.SourceTableGone, "A table is gone",
        "Nothing: it was dropped before it was looked at, and its topic stays as it is.");
}

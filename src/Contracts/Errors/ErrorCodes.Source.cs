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
        "Changes since the slot was dropped are not kept. Bring the slot back from a standby, or run 'cdc reset' and start anew.");

    public static readonly ErrorCode SourceSlotInvalidated = new(2007, ErrorKind.SourcePositionLost, "The source no longer serves the slot's position",
        "The server removed what the slot still needed (see 'max_slot_wal_keep_size'), or the slot is of another kind or database. Run 'cdc reset' and start anew.");

    public static readonly ErrorCode SourceSettingUnsuitable = new(2008, ErrorKind.SourceSettingUnsuitable, "A setting of the source does not allow change capture",
        "Look at the server's message; 'cdc check' tells what is needed: 'wal_level', free slots and senders, rights.");

    public static readonly ErrorCode SourceFailed = new(2009, ErrorKind.SourceSettingUnsuitable, "The source ended a command or the stream with an error",
        "Look at the server's message; then start again.");

    public static readonly ErrorCode SourceProtocolViolation = new(2010, ErrorKind.ProtocolViolation, "The source sent bytes that the protocol does not know",
        "Nothing was confirmed beyond the position named. Report it with the server's version.");

    public static readonly ErrorCode SourcePublicationMissing = new(2011, ErrorKind.SourceSettingUnsuitable, "The source has no such publication",
        "Create the publication, or correct its name; a publication made after the slot does not serve the changes before it.");

    public static readonly ErrorCode SourceTypeUnknown = new(2031, ErrorKind.SourceSchemaUnsupported, "A column's type is no longer in the catalog",
        "The type was dropped after the change was made; re-read the table with 'cdc resync'.");

    public static readonly ErrorCode SourceKeyUnknown = new(2032, ErrorKind.SourceSchemaUnsupported, "A table's key cannot be told",
        "The table's key was changed after the change was made; re-read the table with 'cdc resync'.");

    public static readonly ErrorCode SourceTextInvalid = new(2040, ErrorKind.SourceValueUnsupported, "A value is not text of its type",
        "The column's type was changed in a way that is not understood; re-read the table with 'cdc resync'.");

    public static readonly ErrorCode SourceCopyInvalid = new(2041, ErrorKind.ProtocolViolation, "Rows are not COPY text",
        "Nothing of the row was published. Report it with the server's version.");
}

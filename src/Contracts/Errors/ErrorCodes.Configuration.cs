namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode ConfigurationUnreadable = new(1000, ErrorKind.ConfigurationInvalid,
        "The configuration file cannot be read",
        "Check the path, the rights on the file, and that it is UTF-8 text of at most 1 MiB.");

    public static readonly ErrorCode ConfigurationSyntaxInvalid = new(1001, ErrorKind.ConfigurationInvalid,
        "The configuration file is not valid YAML",
        "Look at the line named and the one before: indentation, a missing ':', a quote that is not closed, or a '${…}' between '{' and " +
        "'}' that is not in quotes.");

    public static readonly ErrorCode ConfigurationSyntaxRefused = new(1002, ErrorKind.ConfigurationInvalid,
        "A part of YAML is not used in configuration files",
        "Anchors, aliases, tags and several documents are refused; write values out, and put those that begin with '*', '&' or '!' in " +
        "quotes.");

    public static readonly ErrorCode KeyUnknown = new(1003, ErrorKind.ConfigurationInvalid, "A key is not known",
        "Correct its spelling or remove it; docs/configuration.md lists every key.");

    public static readonly ErrorCode KeyMissing = new(1004, ErrorKind.ConfigurationInvalid, "A required key is missing",
        "Add it; docs/configuration.md says what it means.");

    public static readonly ErrorCode KeyRepeated = new(1005, ErrorKind.ConfigurationInvalid, "A key or list item is given twice",
        "Keep one of the two.");

    public static readonly ErrorCode ValueMalformed = new(1006, ErrorKind.ConfigurationInvalid, "A value has another form than expected",
        "Write it in the form named; docs/configuration.md describes numbers, durations and sizes.");

    public static readonly ErrorCode ValueOutOfRange = new(1007, ErrorKind.ConfigurationInvalid, "A value is outside of what is allowed",
        "Choose a value within the bounds named.");

    public static readonly ErrorCode SettingComesLater = new(1008, ErrorKind.ConfigurationInvalid, "A setting is not available yet",
        "Remove it; this version does without. It comes with a later version.");

    public static readonly ErrorCode SettingsConflict = new(1009, ErrorKind.ConfigurationInvalid, "Two settings do not go together",
        "Change one of the two named.");

    public static readonly ErrorCode ReferenceMalformed = new(1010, ErrorKind.ConfigurationInvalid,
        "A reference to a value outside of the file is malformed",
        "Write '${env:NAME}' or '${file:/path}'; a dollar sign before a brace is written '$$'.");

    public static readonly ErrorCode SecretMissing = new(1011, ErrorKind.SecretMissing,
        "A value that the configuration refers to is not there",
        "Set the environment variable or make the file, readable for this process.");

    public static readonly ErrorCode FileMissing = new(1012, ErrorKind.ConfigurationInvalid,
        "A file that the configuration names is not there",
        "Correct the path (it is relative to the configuration file) or make the file, readable for this process.");

    public static readonly ErrorCode HttpAddressUnusable = new(1020, ErrorKind.ConfigurationInvalid,
        "The HTTP address cannot be listened on",
        "Give 'http.port' another number or 'http.bind' an address of this machine, stop the other program, or leave 'http.port' out so " +
        "that a free port is chosen.");

    public static readonly ErrorCode CommandDenied = new(1021, ErrorKind.ConfigurationInvalid, "A command over HTTP was denied",
        "Send 'Authorization: Bearer' with the text of the file 'http-token' in the log's folder; it is made anew with each process.");

    public static readonly ErrorCode CommandMalformed = new(1022, ErrorKind.ConfigurationInvalid, "A command over HTTP is not understood",
        "Send JSON such as {\"tables\": [\"public.orders\"], \"source\": \"shop\"}, as 'application/json'.");

    public static readonly ErrorCode CommandLineInvalid = new(1030, ErrorKind.ConfigurationInvalid, "The command line is not understood",
        "Run 'cdc --help', or 'cdc COMMAND --help', for what there is.");

    public static readonly ErrorCode TopicMeantUnknown = new(1040, ErrorKind.ConfigurationInvalid,
        "A topic that was asked for is not in the log",
        "Run 'cdc topics FILE' for those there are; a table may be written as its source spells it, such as 'public.orders'. One that " +
        "was not captured yet has no topic.");

    public static readonly ErrorCode OffsetMeantUnknown = new(1041, ErrorKind.ConfigurationInvalid,
        "An offset or partition that was asked for is not in the log",
        "Run 'cdc topics FILE' for each partition's first and next offset. Where a topic has several partitions, '--from' goes with " +
        "'--partition'.");

    public static readonly ErrorCode SetupFileThere = new(1042, ErrorKind.ConfigurationInvalid,
        "There is a file already where a configuration would be written",
        "Name another file, or move that one away; nothing is ever overwritten. 'cdc check FILE' tells whether it is right.");

    public static readonly ErrorCode SetupAnswerInvalid = new(1043, ErrorKind.ConfigurationInvalid,
        "A source, target, name or pattern was not given in the form expected",
        "Write a PostgreSQL database as 'postgres://USER@HOST:5432/DATABASE', other signs than letters and digits as %40 (here '@'); a " +
        "DuckDB file as 'duckdb:./FILE.duckdb'.");

    public static readonly ErrorCode SetupNobodyToAsk = new(1044, ErrorKind.ConfigurationInvalid, "There is no terminal to ask at",
        "Give at least '--source' and '--target', for example: cdc init shop.yaml --source postgres://cdc@localhost/shop --target " +
        "duckdb:./shop.duckdb --yes. The password comes from PGPASSWORD.");

    public static readonly ErrorCode SetupFileUnwritable = new(1045, ErrorKind.ConfigurationInvalid, "The configuration cannot be written",
        "Make the folder, or name a file in one that this user may write to.");

    public static readonly ErrorCode ResetNotConfirmed = new(1031, ErrorKind.ConfigurationInvalid, "A reset was not confirmed",
        "Type the installation's name when asked, or call with '--yes' where nobody can be asked.");

    public static readonly ErrorCode ResetIncomplete = new(1032, ErrorKind.SourceUnreachable,
        "A reset could not reach all that it would change",
        "Bring up what is named and call again, or call with '--offline' to leave it as it is: a slot that stays keeps the source's log, " +
        "and a ledger that stays is repaired by the next re-read.");
}

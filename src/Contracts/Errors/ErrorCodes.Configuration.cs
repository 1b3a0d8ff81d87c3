namespace Cdc.Contracts.Errors;

public static partial class ErrorCodes
{
    public static readonly ErrorCode ConfigurationUnreadable = new(1000, ErrorKind.ConfigurationInvalid,
        "The configuration file cannot be read",
        "Check the path and the permissions of the file. It must be UTF-8 text of at most 1 MiB.");

    public static readonly ErrorCode ConfigurationSyntaxInvalid = new(1001, ErrorKind.ConfigurationInvalid,
        "The configuration file is not valid YAML",
        "Look at the line named and the line before it. Typical faults: indentation, a missing ':', a quote that is not closed, or " +
        "a '${…}' between '{' and '}' without quotes.");

    public static readonly ErrorCode ConfigurationSyntaxRefused = new(1002, ErrorKind.ConfigurationInvalid,
        "A part of YAML is not allowed in configuration files",
        "Anchors, aliases, tags and several documents are refused. Write the values out. Put values that begin with '*', '&' or '!' " +
        "in quotes.");

    public static readonly ErrorCode KeyUnknown = new(1003, ErrorKind.ConfigurationInvalid, "A key is not known",
        "Correct its spelling or remove it. docs/configuration.md lists every key.");

    public static readonly ErrorCode KeyMissing = new(1004, ErrorKind.ConfigurationInvalid, "A required key is missing",
        "Add it. docs/configuration.md says what it means.");

    public static readonly ErrorCode KeyRepeated = new(1005, ErrorKind.ConfigurationInvalid, "A key or list item is given twice",
        "Keep one of the two.");

    public static readonly ErrorCode ValueMalformed = new(1006, ErrorKind.ConfigurationInvalid, "A value does not have the expected form",
        "Write it in the form named. docs/configuration.md describes numbers, durations and sizes.");

    public static readonly ErrorCode ValueOutOfRange = new(1007, ErrorKind.ConfigurationInvalid, "A value is out of range",
        "Choose a value within the bounds named.");

    public static readonly ErrorCode SettingComesLater = new(1008, ErrorKind.ConfigurationInvalid, "A setting is not available yet",
        "Remove it. A later version will have it.");

    public static readonly ErrorCode SettingsConflict = new(1009, ErrorKind.ConfigurationInvalid, "Two settings do not go together",
        "Change one of the two named.");

    public static readonly ErrorCode ReferenceMalformed = new(1010, ErrorKind.ConfigurationInvalid,
        "A reference to a value outside the file is malformed",
        "Write '${env:NAME}' or '${file:/path}'. To write a dollar sign before a brace, use '$$'.");

    public static readonly ErrorCode SecretMissing = new(1011, ErrorKind.SecretMissing,
        "A value that the configuration refers to is missing",
        "Set the environment variable, or create the file. This process must be able to read it.");

    public static readonly ErrorCode FileMissing = new(1012, ErrorKind.ConfigurationInvalid,
        "A file that the configuration names is missing",
        "Correct the path (it is relative to the configuration file), or create the file. This process must be able to read it.");

    public static readonly ErrorCode HttpAddressUnusable = new(1020, ErrorKind.ConfigurationInvalid,
        "The process cannot listen on the HTTP address",
        "Stop the other program, or set 'http.port' to another number, or 'http.bind' to an address of this machine. Without " +
        "'http.port' a free port is chosen.");

    public static readonly ErrorCode CommandDenied = new(1021, ErrorKind.ConfigurationInvalid, "A command over HTTP was denied",
        "Send 'Authorization: Bearer' with the text of the file 'http-token' in the log's folder. Each process writes a new token.");

    public static readonly ErrorCode CommandMalformed = new(1022, ErrorKind.ConfigurationInvalid, "A command over HTTP is not valid",
        "Send JSON such as {\"tables\": [\"public.orders\"], \"source\": \"shop\"}, as 'application/json'.");

    public static readonly ErrorCode CommandLineInvalid = new(1030, ErrorKind.ConfigurationInvalid, "The command line is not valid",
        "Run 'cdc --help' or 'cdc COMMAND --help'.");

    public static readonly ErrorCode TopicMeantUnknown = new(1040, ErrorKind.ConfigurationInvalid, "The topic is not in the log",
        "Run 'cdc topics FILE' to list the topics. You can write a table as its source spells it, such as 'public.orders'. A table " +
        "that was not captured yet has no topic.");

    public static readonly ErrorCode OffsetMeantUnknown = new(1041, ErrorKind.ConfigurationInvalid,
        "The offset or partition is not in the log",
        "Run 'cdc topics FILE' for each partition's first and next offset. If a topic has several partitions, '--from' needs " +
        "'--partition'.");

    public static readonly ErrorCode SetupFileThere = new(1042, ErrorKind.ConfigurationInvalid, "The file exists already",
        "Name another file, or move this one away. Nothing is ever overwritten. 'cdc check FILE' says whether it is right.");

    public static readonly ErrorCode SetupAnswerInvalid = new(1043, ErrorKind.ConfigurationInvalid,
        "A source, target, name or pattern does not have the expected form",
        "Write a PostgreSQL database as 'postgres://USER@HOST:5432/DATABASE', and characters other than letters and digits as %40 " +
        "(here '@'). Write a DuckDB file as 'duckdb:./FILE.duckdb'.");

    public static readonly ErrorCode SetupNobodyToAsk = new(1044, ErrorKind.ConfigurationInvalid, "There is no terminal for questions",
        "Give at least '--source' and '--target', for example: cdc init shop.yaml --source postgres://cdc@localhost/shop --target " +
        "duckdb:./shop.duckdb --yes. Set the password in PGPASSWORD.");

    public static readonly ErrorCode SetupFileUnwritable = new(1045, ErrorKind.ConfigurationInvalid, "The configuration cannot be written",
        "Create the folder, or name a file in a folder where this user may write.");

    public static readonly ErrorCode ResetNotConfirmed = new(1031, ErrorKind.ConfigurationInvalid, "A reset was not confirmed",
        "Type the installation's name when asked. Where nobody can be asked, add '--yes'.");

    public static readonly ErrorCode ResetIncomplete = new(1032, ErrorKind.SourceUnreachable,
        "A reset could not reach everything that it would change",
        "Start what is named and run the command again. Or add '--offline' to leave it unchanged: a slot that stays keeps the " +
        "source's write-ahead log, and the next re-read repairs a ledger that stays.");
}

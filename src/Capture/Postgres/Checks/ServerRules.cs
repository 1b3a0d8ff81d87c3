using System.Globalization;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>Whether a server, as it says of itself, can be captured from.</summary>
public static class ServerRules
{
    private const int OldestMajor = 14;
    private const int NewestMajor = 18;
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromSeconds(5);

    public static IEnumerable<Finding> Judge(SourceFacts facts, SourceRights rights, string slot)
    {
        yield return Version(facts);
        if (facts.IsInRecovery)
            yield return Finding.Fault("server", "it is a standby, a primary was expected", "Name the primary's host.",
                ErrorCodes.SourceIsStandby);
        yield return facts.WalLevel == "logical"
            ? Finding.Good("wal_level", "logical")
            : Finding.Fault("wal_level", $"it is '{facts.WalLevel}', 'logical' was expected",
                "ALTER SYSTEM SET wal_level = logical; -- then restart the server", ErrorCodes.SourceSettingUnsuitable);
        if (facts.Encoding != "UTF8")
        {
            yield return Finding.Warning("encoding", facts.Encoding == "SQL_ASCII"
                ? "it is 'SQL_ASCII': text that is not UTF-8 stops its table"
                : $"it is '{facts.Encoding}'; the server converts every text to UTF-8");
        }

        yield return Replication(facts, rights);
        yield return Slots(facts, slot);
        yield return Senders(facts, rights);
        yield return Timeout(facts);
        yield return Retention(facts);
        if (CountsAsStandby(facts.SynchronousStandbys))
        {
            yield return Finding.Warning("synchronous_standby_names",
                $"it is '{facts.SynchronousStandbys}', which includes capture ('{ReplicationConnection.ApplicationName}'): commits wait " +
                "until their changes are durable here, and forever while capture is down and no other standby is there",
                "ALTER SYSTEM SET synchronous_standby_names = 'the standbys, by name'; SELECT pg_reload_conf();");
        }
    }

    /// <summary>
    /// Names stand with commas between, perhaps in quotes, perhaps in parentheses behind a count; a star means every standby.
    /// </summary>
    private static bool CountsAsStandby(string names) => names
        .Split(['(', ')', ',', ' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(name => name.Trim('"'))
        .Any(name => name == "*" || name.Equals(ReplicationConnection.ApplicationName, StringComparison.OrdinalIgnoreCase));

    private static Finding Version(SourceFacts facts)
    {
        var major = facts.Version / 10_000;
        var text = Text($"PostgreSQL {major}.{facts.Version % 10_000}, database '{facts.Database}'");
        return major < OldestMajor
            ? Finding.Fault("version", Text($"{text}; {OldestMajor} to {NewestMajor} are supported"), "Upgrade the server.",
                ErrorCodes.SourceSettingUnsuitable)
            : major > NewestMajor ? Finding.Warning("version", Text($"{text}; it was tried with {OldestMajor} to {NewestMajor}"))
            : Finding.Good("version", text);
    }

    private static Finding Replication(SourceFacts facts, SourceRights rights) => facts.CanReplicate || rights.HasProvidersReplication
        ? Finding.Good("role", $"'{rights.Role}' may replicate")
        : Finding.Fault("role", $"'{rights.Role}' may not replicate",
            $"ALTER ROLE {ReplicationCommands.Identifier(rights.Role)} REPLICATION; -- hosted servers: GRANT rds_replication " +
            $"TO {ReplicationCommands.Identifier(rights.Role)};",
            ErrorCodes.SourceRightMissing);

    private static Finding Slots(SourceFacts facts, string slot)
    {
        var used = facts.Slots.Length;
        var message = Text($"{used} of {facts.MaxReplicationSlots} in use");
        return used < facts.MaxReplicationSlots || facts.Slots.Any(found => found.Name == slot)
            ? Finding.Good("slots", message)
            : Finding.Fault("slots", message + ", a free one was expected",
                Text($"ALTER SYSTEM SET max_replication_slots = {used + 4}; -- then restart the server"),
                ErrorCodes.SourceSettingUnsuitable);
    }

    // A session takes one; a second one is open for a moment at the start.
    private static Finding Senders(SourceFacts facts, SourceRights rights)
    {
        var free = facts.MaxWalSenders - rights.ActiveSenders;
        var message = Text($"{rights.ActiveSenders} of {facts.MaxWalSenders} in use");
        return free >= 2
            ? Finding.Good("WAL senders", message)
            : Finding.Fault("WAL senders", message + ", two free ones were expected",
                Text($"ALTER SYSTEM SET max_wal_senders = {rights.ActiveSenders + 4}; -- then restart the server"),
                ErrorCodes.SourceSettingUnsuitable);
    }

    private static Finding Timeout(SourceFacts facts) => facts.WalSenderTimeout > TimeSpan.Zero && facts.WalSenderTimeout < ShortTimeout
        ? Finding.Warning("wal_sender_timeout",
            Text($"it is {facts.WalSenderTimeout.TotalMilliseconds:0} ms: a short stall of the network ends the session"),
            "ALTER SYSTEM SET wal_sender_timeout = '60s'; SELECT pg_reload_conf();")
        : Finding.Good("wal_sender_timeout", facts.WalSenderTimeout == TimeSpan.Zero ? "never"
            : Text($"{facts.WalSenderTimeout.TotalSeconds:0.#} s"));

    private static Finding Retention(SourceFacts facts) => facts.MaxSlotWalKeepBytes is { } bytes
        ? bytes < 1L << 30
            ? Finding.Warning("max_slot_wal_keep_size",
                Text($"it is {bytes >> 20} MiB: the slot is lost when capture is down for that much log"),
                "ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf(); -- what the disk can spare")
            : Finding.Good("max_slot_wal_keep_size", Text($"{bytes >> 20:#,0} MiB"))
        : Finding.Warning("max_slot_wal_keep_size", "no limit: while capture is down the log grows until the server's disk is full",
            "ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf(); -- what the disk can spare, less than that loses " +
            "the slot");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>Whether the slot can serve, or can be made.</summary>
public static class SlotRules
{
    public static IEnumerable<Finding> Judge(SourceFacts facts, PostgresOptions options)
    {
        var subject = $"slot '{options.Slot}'";
        var slot = facts.Slots.FirstOrDefault(found => found.Name == options.Slot);
        if (slot is null)
        {
            yield return options.Create
                ? Finding.Good(subject, "missing so far; the first run creates it")
                : Finding.Fault(subject, "missing, and 'create' is not set",
                    $"{ReplicationCommands.CreateSlotStatement(options.Slot, facts.Version / 10_000)}; -- after the publication; or " +
                    "'create: true'",
                    ErrorCodes.SourceSlotMissing);
            yield break;
        }

        var faults = Faults(slot, subject, options).ToList();
        foreach (var fault in faults)
            yield return fault;
        if (slot.ActivePid is { } pid)
        {
            yield return Finding.Warning(subject, Text($"in use by server process {pid}: a run waits until that one ends"),
                Text($"If that is no capture of yours: SELECT pg_terminate_backend({pid});"));
        }

        if (faults.Count == 0 && slot.WalStatus == "unreserved")
            yield return Finding.Warning(subject, "its log is about to be removed ('unreserved')",
                "Start capture soon, or raise max_slot_wal_keep_size.");
        else if (faults.Count == 0 && slot.ActivePid is null)
            yield return Finding.Good(subject,
                $"there, {slot.WalStatus ?? "reserved"}, confirmed {slot.ConfirmedFlushLsn?.ToString() ?? "nothing yet"}");
    }

    private static IEnumerable<Finding> Faults(SourceSlot slot, string subject, PostgresOptions options)
    {
        var another =
            "Name another slot; or, if nobody needs this " +
            $"one: {ReplicationCommands.DropSlotStatement(options.Slot)}{(slot.Database is { } home ? $"; -- in database '{home}'" : ";")}";
        if (slot.Plugin != "pgoutput")
            yield return Finding.Fault(subject,
                $"{(slot.Plugin is null ? "a physical one" : $"of plugin '{slot.Plugin}'")}, 'pgoutput' was expected", another,
                ErrorCodes.SourceSlotForeign);
        else if (slot.Database != options.Database)
            yield return Finding.Fault(subject, $"of database '{slot.Database}', '{options.Database}' was expected", another,
                ErrorCodes.SourceSlotForeign);
        if (slot.IsTwoPhase || slot.IsTemporary)
            yield return Finding.Fault(subject, $"{(slot.IsTemporary ? "temporary" : "two-phase")}, a plain one was expected", another,
                ErrorCodes.SourceSlotForeign);
        if (slot.WalStatus == "lost" || slot.InvalidationReason is not null)
        {
            yield return Finding.Fault(subject,
                $"it lost what it needs of the server's log{(slot.InvalidationReason is { } reason ? $" ({reason})" : "")}",
                "Changes since then are no longer in the source's log: run 'cdc reset' and start from nothing.",
                ErrorCodes.SourceSlotInvalidated);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using Cdc.Contracts.Errors;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Ledger;

/// <summary>What holds for the ledgers of all targets.</summary>
internal static class LedgerRules
{
    /// <summary>Another process moved a row of the ledger (Invariant 3).</summary>
    public static CdcException Moved(LedgerMove move)
    {
        var expected = move.Expected is { } row ? FormattableString.Invariant($"next offset {row.NextOffset} of topic id '{row.TopicId}'")
            : "no row";
        return new CdcException(
            ErrorCodes.LedgerMoved,
            $"Moving the ledger of sink '{move.Moved.Sink}' for '{move.Moved.Partition}' found another state than expected: {expected}.");
    }

    /// <summary>Another process noted another log.</summary>
    public static CdcException LogMoved(string sink, string? expected) => new(
        ErrorCodes.LedgerMoved,
        $"Noting the log of sink '{sink}' found another one noted than expected: {(expected is null ? "none" : $"'{expected}'")}.");

    /// <summary>A table is one topic's of one sink's for good. Throws <c>CDC-5011</c> where somebody else has it.</summary>
    public static void RequireOwner((string Sink, string Topic) owner, string sink, string topic, TargetName table)
    {
        if (string.Equals(owner.Sink, sink, StringComparison.Ordinal) && string.Equals(owner.Topic, topic, StringComparison.Ordinal))
            return;
        throw new CdcException(ErrorCodes.TargetTableTaken,
            $"Claiming table '{table}' for sink '{sink}' and topic '{topic}' found that sink '{owner.Sink}' fills it " +
            $"from topic '{owner.Topic}'.");
    }

    /// <summary>Something that is no table has the name.</summary>
    /// <param name="table">The name.</param>
    /// <param name="kind">The target's word for what it is.</param>
    public static CdcException NoTable(TargetName table, string kind) => new(ErrorCodes.TargetTableTaken,
        $"Claiming table '{table}' found something else of that name, of kind '{kind}', and a table was expected.");

    /// <summary>
    /// A table has rows, and no note says whose. With the platform's columns it is a sink's that lost its ledger: what was applied of it is
    /// not known, so nothing may be added (Invariant 6).
    /// </summary>
    public static CdcException NotEmpty(TargetName table, IEnumerable<string> columns, MetadataColumns metadata) =>
        metadata.Names.Except(columns, StringComparer.OrdinalIgnoreCase).Any()
            ? new CdcException(ErrorCodes.TargetTableTaken,
                $"Claiming table '{table}' found rows that were not written by a sink, and an empty table was expected.")
            : new CdcException(ErrorCodes.TargetNoteLost,
                $"Claiming table '{table}', rows of a sink were found in it, and no note in '_cdc.tables' of which sink's they are.");

    /// <summary>What the ledger says was applied from another log than the one at hand.</summary>
    public static CdcException OtherLog(string sink, string noted, string log) => new(
        ErrorCodes.LedgerOfOtherLog, $"The ledger of sink '{sink}' was found to be of log '{noted}', and log '{log}' was expected.");
}

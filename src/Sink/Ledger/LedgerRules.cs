using Cdc.Contracts.Errors;

namespace Cdc.Sink.Writers;

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

    /// <summary>What the ledger says was applied from another log than the one at hand.</summary>
    public static CdcException OtherLog(string sink, string noted, string log) => new(
        ErrorCodes.LedgerOfOtherLog, $"The ledger of sink '{sink}' was found to be of log '{noted}', and log '{log}' was expected.");
}

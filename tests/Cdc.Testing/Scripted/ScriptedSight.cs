using Cdc.Capture.Reading;
using Cdc.Capture.Sources;

namespace Cdc.Testing.Scripted;

/// <summary>What a read of a <see cref="ScriptedDatabase"/> saw, transaction by transaction: marks are names and have no order.</summary>
/// <param name="seen">Those that were over.</param>
/// <param name="isHeld">Somebody's transaction was running that had begun before everything.</param>
public sealed class ScriptedSight(IReadOnlySet<TransactionMark> seen, bool isHeld) : IReadSight
{
    public ulong Horizon => (ulong)seen.Count;

    public bool Sees(TransactionMark transaction) => seen.Contains(transaction);

    public bool HasPassed(ulong horizon) => !isHeld && Horizon >= horizon;
}

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>Transactions that follow one another, both ends included; numbers run round at 2^32.</summary>
public readonly record struct TransactionRange(uint First, uint Last)
{
    public bool Contains(uint transaction) => transaction - First <= Last - First;

    /// <summary>Whether the snapshot does not see one of them.</summary>
    public bool HasUnseen(TransactionSnapshot snapshot)
    {
        if ((int)(Last - (uint)snapshot.Xmax) >= 0)
            return true;
        foreach (var running in snapshot.Running)
        {
            if (Contains((uint)running))
                return true;
        }

        return false;
    }
}

namespace Cdc.Capture.Postgres;

/// <summary>
/// Tells which partition rows come from that are sent under their root's name. Once a session, and again after each change of either, the
/// server announces the root, directly behind it the partition, and then comes a row of that partition (<c>maybe_send_schema</c> of
/// pgoutput, 15 to 18).
/// </summary>
internal struct PartitionNaming
{
    private uint root;
    private uint latest;

    /// <summary>A table is announced.</summary>
    public void Announce(uint relation) => (root, latest) = (latest, relation);

    /// <summary>Something comes that is neither an announcement nor a row.</summary>
    public void Forget() => (root, latest) = (0, 0);

    /// <summary>A row comes. The number of the partition that it is the first announced row of; 0 for none.</summary>
    /// <param name="relation">The table that it is sent as.</param>
    public uint TakePartition(uint relation)
    {
        if (latest == 0)
            return 0;
        var partition = root == relation && latest != relation ? latest : 0;
        Forget();
        return partition;
    }
}

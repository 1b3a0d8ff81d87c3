namespace Cdc.Capture.Reading;

/// <summary>What is to be done with a chunk that was read.</summary>
public enum ChunkVerdict
{
    /// <summary>The stream is not yet behind what the read saw.</summary>
    Wait,

    /// <summary>It is worth nothing, and is given back already.</summary>
    ReadAgain,

    /// <summary>Publish its rows, then tell <see cref="TableSnapshots.Publish"/>.</summary>
    Publish,
}

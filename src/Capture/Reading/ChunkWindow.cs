using Cdc.Capture.Sources;

namespace Cdc.Capture.Reading;

/// <summary>Why a chunk must be read again.</summary>
public enum WindowFault
{
    None,

    /// <summary>More keys changed than are remembered.</summary>
    Overflow,

    /// <summary>The table was emptied.</summary>
    Truncated,

    /// <summary>The table looks otherwise in the stream than in the read.</summary>
    Reshaped,

    /// <summary>A transaction streamed before the window was opened is not visible to the read.</summary>
    Edge,

    /// <summary>The table is no longer read, or starts over.</summary>
    Abandoned,
}

/// <summary>
/// What the stream changed in a table while a chunk of it is read. It is opened before the read, on the thread that takes the stream's
/// changes, so nothing streamed later is missed; what was streamed shortly before are its suspects.
/// </summary>
public sealed class ChunkWindow(TableChunk chunk, ISuspects suspects, long openedAt, int maxBytes) : IDisposable
{
    public TableChunk Chunk { get; } = chunk;

    /// <summary>Streamed before, and not known to be visible yet.</summary>
    public ISuspects Suspects { get; } = suspects;

    /// <summary>The number of the last change before it was opened.</summary>
    public long OpenedAt { get; } = openedAt;

    public WindowFault Fault { get; private set; }

    internal ChangedKeys Changes { get; } = new(maxBytes);

    /// <summary>A row was changed.</summary>
    /// <param name="key">Its key's text.</param>
    /// <param name="transaction">By whom.</param>
    /// <param name="carried">Bitmap of the columns that the change carried; empty where that is the whole row, or it is gone.</param>
    public void Remember(ReadOnlySpan<byte> key, TransactionMark transaction, ReadOnlySpan<byte> carried)
    {
        if (Fault == WindowFault.None && !Changes.TryAdd(key, transaction, carried))
            Spoil(WindowFault.Overflow);
    }

    public void Spoil(WindowFault fault)
    {
        if (Fault == WindowFault.None || fault == WindowFault.Abandoned)
            Fault = fault;
    }

    /// <summary>Looks for the race at the window's edge, now that it is known what the read could see.</summary>
    public void Check(IReadSight sight)
    {
        if (!Suspects.AreSeenBy(sight))
            Spoil(WindowFault.Edge);
    }

    public void Dispose() => Changes.Dispose();
}

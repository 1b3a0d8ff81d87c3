namespace Cdc.Capture.Reading;

/// <summary>How much may be underway (Invariant 7).</summary>
/// <param name="ChunkBytes">Bytes of a chunk.</param>
/// <param name="WindowBytes">Bytes of keys that a window remembers.</param>
/// <param name="RereadKeys">Keys of one table that may wait to be read again.</param>
/// <param name="RereadBytes">Their bytes.</param>
public sealed record ReadLimits(int ChunkBytes, int WindowBytes, int RereadKeys, int RereadBytes)
{
    public static ReadLimits For(int chunkBytes) => new(chunkBytes, Math.Max(1 << 20, chunkBytes / 2), 20_000, 2 << 20);
}

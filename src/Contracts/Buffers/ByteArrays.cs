using System.Buffers;
using System.Numerics;

namespace Cdc.Contracts.Buffers;

/// <summary>
/// Arrays for buffers. Small ones are the shared pool's, which keeps as many of each size as were ever out at once; of large ones only so
/// many bytes are kept, and none is much longer than was asked for (Invariant 7). Safe for several threads.
/// </summary>
public static class ByteArrays
{
    /// <summary>An array longer than this is a large one.</summary>
    public const int LargeBytes = 1 << 20;

    /// <summary>Bytes of large arrays that are kept for whoever asks next.</summary>
    public const int KeptBytes = 16 << 20;

    /// <summary>So many bytes of very large arrays are worth a collection.</summary>
    private const int CollectedBytes = 64 << 20;

    private static readonly Lock Gate = new();
    private static readonly List<byte[]> Kept = [];
    private static long keptBytes;
    private static long droppedBytes;

    /// <summary>An array of at least so many bytes, of any content.</summary>
    public static byte[] Rent(int bytes)
    {
        if (bytes <= LargeBytes)
            return ArrayPool<byte>.Shared.Rent(bytes);
        if (bytes > KeptBytes)
            CollectDropped();
        return Take(bytes) ?? GC.AllocateUninitializedArray<byte>(Round(bytes));
    }

    /// <summary>Gives an array back that nobody uses any more.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length <= LargeBytes)
        {
            ArrayPool<byte>.Shared.Return(array);
            return;
        }

        lock (Gate)
        {
            if (keptBytes + array.Length <= KeptBytes)
            {
                Kept.Add(array);
                keptBytes += array.Length;
                return;
            }
        }

        Forget(array.Length);
    }

    /// <summary>Notes that an array of this length is left to the collector.</summary>
    public static void Forget(int length)
    {
        if (length > KeptBytes)
            Interlocked.Add(ref droppedBytes, length);
    }

    /// <summary>
    /// Collects very large arrays that nobody uses any more, where there are some. By itself the collector lets them lie until several
    /// times as much is asked for, and keeps their memory for arrays of just that length. Next to moving such values about, this costs
    /// little.
    /// </summary>
    public static void CollectDropped()
    {
        if (Interlocked.Read(ref droppedBytes) < CollectedBytes || Interlocked.Exchange(ref droppedBytes, 0) == 0)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>The shortest kept array that is long enough; one of more than twice the length is left for those who need it.</summary>
    private static byte[]? Take(int bytes)
    {
        lock (Gate)
        {
            var best = -1;
            for (var i = 0; i < Kept.Count; i++)
            {
                var length = Kept[i].Length;
                if (length >= bytes && length / 2 <= bytes && (best < 0 || length < Kept[best].Length))
                    best = i;
            }

            if (best < 0)
                return null;
            var array = Kept[best];
            Kept.RemoveAt(best);
            keptBytes -= array.Length;
            return array;
        }
    }

    /// <summary>Up to an eighth more, so that buffers of about one size fit each other.</summary>
    private static int Round(int bytes)
    {
        var step = 1L << Math.Max(12, BitOperations.Log2((uint)bytes) - 3);
        return (int)Math.Min(Array.MaxLength, (bytes + step - 1) / step * step);
    }
}

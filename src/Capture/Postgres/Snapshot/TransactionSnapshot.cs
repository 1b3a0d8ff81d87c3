using System.Globalization;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>
/// Which transactions a read could see: all below <see cref="Xmax"/> that were not running then (PostgreSQL manual, type
/// <c>pg_snapshot</c>, 14 to 18; 64-bit numbers of top-level transactions).
/// </summary>
public sealed class TransactionSnapshot : IReadSight
{
    private readonly ulong[] running;

    private TransactionSnapshot(ulong xmin, ulong xmax, ulong[] running)
    {
        (Xmin, Xmax) = (xmin, xmax);
        this.running = running;
    }

    /// <summary>Everything below has ended.</summary>
    public ulong Xmin { get; }

    /// <summary>From here on nothing had ended.</summary>
    public ulong Xmax { get; }

    ulong IReadSight.Horizon => Xmax;

    /// <summary>What was running between the two, ascending.</summary>
    public ReadOnlySpan<ulong> Running => running;

    /// <summary>Reads <c>xmin:xmax:xip,xip</c>. Throws <c>CDC-2062</c>.</summary>
    public static TransactionSnapshot Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length != 3 || !TryNumber(parts[0], out var xmin) || !TryNumber(parts[1], out var xmax) || xmin > xmax)
            throw Malformed();
        var list = parts[2].Length == 0 ? [] : parts[2].Split(',');
        var found = new ulong[list.Length];
        for (var i = 0; i < list.Length; i++)
        {
            if (!TryNumber(list[i], out found[i]) || found[i] < xmin || found[i] >= xmax)
                throw Malformed();
        }

        Array.Sort(found);
        return new TransactionSnapshot(xmin, xmax, found);
    }

    /// <summary>
    /// Whether a transaction was over and visible. The stream has the low 32 bits of its number only: it is the one nearest to
    /// <see cref="Xmax"/>.
    /// </summary>
    public bool Sees(uint transaction)
    {
        var distance = (int)(transaction - (uint)Xmax);
        return distance < 0 && Array.BinarySearch(running, Xmax + (ulong)distance) < 0;
    }

    public bool Sees(TransactionMark transaction) => Sees((uint)transaction.Value);

    public bool HasPassed(ulong horizon) => Xmin >= horizon;

    private static bool TryNumber(string text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static CdcException Malformed() => new(ErrorCodes.SnapshotUnreadable,
        "Reading which transactions a read can see, a text was found that is not 'xmin:xmax:xip,…'.");
}

using System.Globalization;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Snapshot;

/// <summary>
/// Transactions that were streamed and that no snapshot has seen yet. A commit can be streamed before the server shows it to others; a read
/// in between misses changes that no window remembers. The list is part of the checkpoint, for that may last longer than a session.
/// </summary>
public sealed class RecentTransactions
{
    /// <summary>Beyond this the smallest gaps are closed: transactions that were never streamed then count too, which only costs reads.</summary>
    public const int MaxRanges = 1024;

    private readonly List<TransactionRange> ranges = [];
    private uint latest;

    /// <summary>The snapshot that saw most so far.</summary>
    public TransactionSnapshot? Newest { get; private set; }

    /// <summary>How many ranges are kept.</summary>
    public int Count => ranges.Count;

    /// <summary>What was written by <see cref="ToString"/>. Throws <c>CDC-2025</c>.</summary>
    public static RecentTransactions Parse(string? text)
    {
        var recent = new RecentTransactions();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out var first) || !TryNumber(ends[^1], out var last) || recent.ranges.Count > MaxRanges)
                throw new CdcException(ErrorCodes.CheckpointUnreadable, "Reading the checkpoint, its recent transactions are not ranges of numbers.");
            recent.ranges.Add(new TransactionRange(first, last));
        }

        return recent;
    }

    /// <summary>A change of the transaction is handed out. True where the list became another.</summary>
    public bool Note(uint transaction)
    {
        if (transaction == latest)
            return false;
        latest = transaction;
        if (Newest?.Sees(transaction) == true || !Add(transaction))
            return false;
        if (ranges.Count > MaxRanges)
            CloseSmallestGaps();
        return true;
    }

    /// <summary>Forgets what the snapshot sees: whoever reads later sees it too. True where the list became another.</summary>
    public bool Prune(TransactionSnapshot snapshot)
    {
        if (Newest is null || IsNewer(snapshot, Newest))
            Newest = snapshot;
        if (ranges.Count == 0)
            return false;
        TransactionRange[] before = [.. ranges];
        ranges.Clear();
        foreach (var range in before)
            KeepUnseen(range, snapshot);
        return !ranges.SequenceEqual(before);
    }

    /// <summary>The list as it is now.</summary>
    public TransactionRange[] ToArray() => [.. ranges];

    public override string ToString() => string.Join(',', ranges.Select(range => range.First == range.Last
        ? range.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}")));

    /// <summary>Reads end in any order. Between two with the same end, transactions can only have ended.</summary>
    private static bool IsNewer(TransactionSnapshot one, TransactionSnapshot other) =>
        one.Xmax > other.Xmax || (one.Xmax == other.Xmax && one.Running.Length < other.Running.Length);

    private void KeepUnseen(TransactionRange range, TransactionSnapshot snapshot)
    {
        foreach (var running in snapshot.Running)
        {
            if (range.Contains((uint)running))
                ranges.Add(new TransactionRange((uint)running, (uint)running));
        }

        var xmax = (uint)snapshot.Xmax;
        if ((int)(range.Last - xmax) >= 0)
            ranges.Add(range with { First = (int)(range.First - xmax) >= 0 ? range.First : xmax });
    }

    /// <summary>Numbers come nearly in order: the place is looked for from the end.</summary>
    private bool Add(uint transaction)
    {
        for (var i = ranges.Count - 1; i >= 0; i--)
        {
            var range = ranges[i];
            if (range.Contains(transaction))
                return false;
            if (transaction == range.Last + 1)
            {
                var joins = i + 1 < ranges.Count && ranges[i + 1].First == transaction + 1;
                ranges[i] = range with { Last = joins ? ranges[i + 1].Last : transaction };
                if (joins)
                    ranges.RemoveAt(i + 1);
                return true;
            }

            if ((int)(transaction - range.Last) > 0)
            {
                Insert(i + 1, transaction);
                return true;
            }
        }

        Insert(0, transaction);
        return true;
    }

    private void Insert(int at, uint transaction)
    {
        if (at < ranges.Count && ranges[at].First == transaction + 1)
            ranges[at] = ranges[at] with { First = transaction };
        else
            ranges.Insert(at, new TransactionRange(transaction, transaction));
    }

    private void CloseSmallestGaps()
    {
        var gaps = new uint[ranges.Count - 1];
        for (var i = 0; i < gaps.Length; i++)
            gaps[i] = ranges[i + 1].First - ranges[i].Last;
        uint[] sorted = [.. gaps.Order()];
        var largestClosed = sorted[sorted.Length / 2];
        TransactionRange[] before = [.. ranges];
        ranges.Clear();
        ranges.Add(before[0]);
        for (var i = 0; i < gaps.Length; i++)
        {
            if (gaps[i] <= largestClosed)
                ranges[^1] = ranges[^1] with { Last = before[i + 1].Last };
            else
                ranges.Add(before[i + 1]);
        }
    }

    private static bool TryNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

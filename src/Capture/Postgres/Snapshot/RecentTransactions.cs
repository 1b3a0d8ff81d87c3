using System.Globalization;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>Transactions that were streamed and that no snapshot has seen yet, as ranges of their numbers.</summary>
public sealed class RecentTransactions : ISuspects
{
    /// <summary>
    /// Beyond this the smallest gaps are closed: transactions that were never streamed then count too, which only costs reads.
    /// </summary>
    public const int MaxRanges = 1024;

    private readonly List<TransactionRange> ranges = [];
    private TransactionSnapshot? newest;

    public IReadSight? Newest => newest;

    public int Count => ranges.Count;

    /// <summary>What was written by <see cref="ToText"/>; none for null. Throws <c>CDC-2025</c>.</summary>
    public static RecentTransactions Parse(string? text)
    {
        var recent = new RecentTransactions();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out var first) || !TryNumber(ends[^1], out var last)
                || recent.ranges.Count > MaxRanges)
            {
                throw new CdcException(
                    ErrorCodes.CheckpointUnreadable, "Reading the checkpoint, its recent transactions are not ranges of numbers.");
            }

            recent.ranges.Add(new TransactionRange(first, last));
        }

        return recent;
    }

    public bool Note(TransactionMark transaction)
    {
        if (newest?.Sees(transaction) == true || !Add((uint)transaction.Value))
            return false;
        if (ranges.Count > MaxRanges)
            CloseSmallestGaps();
        return true;
    }

    public bool Forget(IReadSight sight)
    {
        var snapshot = (TransactionSnapshot)sight;
        if (newest is null || IsNewer(snapshot, newest))
            newest = snapshot;
        if (ranges.Count == 0)
            return false;
        TransactionRange[] before = [.. ranges];
        ranges.Clear();
        foreach (var range in before)
            KeepUnseen(range, snapshot);
        return !ranges.SequenceEqual(before);
    }

    public bool AreSeenBy(IReadSight sight)
    {
        foreach (var range in ranges)
        {
            if (range.HasUnseen((TransactionSnapshot)sight))
                return false;
        }

        return true;
    }

    public ISuspects Copy()
    {
        var copy = new RecentTransactions { newest = newest };
        copy.ranges.AddRange(ranges);
        return copy;
    }

    public string ToText() => string.Join(',', ranges.Select(range => range.First == range.Last
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

    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

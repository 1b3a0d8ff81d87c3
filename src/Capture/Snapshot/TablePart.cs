using Cdc.Contracts.Schema;

namespace Cdc.Capture.Snapshot;

/// <summary>A file that holds rows of a table now.</summary>
/// <param name="Oid">The source's number of the table, or partition, whose file it is.</param>
/// <param name="Id">Its name.</param>
/// <param name="FileNode">Another one after a rewrite or truncation.</param>
public readonly record struct TableFile(uint Oid, TableId Id, uint FileNode)
{
    /// <summary>The low half of the number of the transaction that last wrote the catalog's row of it: mostly the one that made the file.</summary>
    public uint Transaction { get; init; }
}

/// <summary>A file of a table that is read, and which of its ranges are not published yet: a table has one, a partitioned one has one a leaf.</summary>
public sealed class TablePart
{
    private const int PageBytes = 8192;

    /// <summary>How much longer than the range before one may be: pages without rows say nothing of those behind them.</summary>
    private const int Growth = 4;

    private readonly List<PageRange> left = [];
    private readonly List<PageRange> taken = [];
    private uint? next = 0;
    private double bytesPerPage = PageBytes;
    private double longest = double.MaxValue;

    /// <param name="oid">The source's number of the table that holds the rows.</param>
    /// <param name="id">Its name.</param>
    /// <param name="fileNode">The file; places mean nothing in another one.</param>
    public TablePart(uint oid, TableId id, uint fileNode)
    {
        (Oid, Id, FileNode) = (oid, id, fileNode);
    }

    /// <summary>One that was read in part.</summary>
    public TablePart(uint oid, TableId id, uint fileNode, uint? next, IEnumerable<PageRange> left)
        : this(oid, id, fileNode)
    {
        this.next = next;
        this.left.AddRange(left);
    }

    public uint Oid { get; }

    public TableId Id { get; }

    public uint FileNode { get; }

    /// <summary>How many pages it has, as of the description; more may come.</summary>
    public uint Pages { get; set; }

    /// <summary>The first page that nobody was given; null where there is none.</summary>
    public uint? Next => next;

    /// <summary>Ranges below <see cref="Next"/> that are not published.</summary>
    public IEnumerable<PageRange> Unpublished => left.Concat(taken);

    public bool IsRead => next is null && left.Count == 0 && taken.Count == 0;

    /// <summary>About how many bytes of rows it has, as of the description.</summary>
    public double Bytes => Pages * bytesPerPage;

    /// <summary>How many bytes a page gave, long values included; rough.</summary>
    public void Expect(double bytes) => bytesPerPage = Math.Max(bytes, 1);

    /// <summary>Gives a range out that should have about that many bytes; null where none is left.</summary>
    public PageRange? Take(int bytes)
    {
        PageRange range;
        if (left.Count > 0)
        {
            range = left[0];
            left.RemoveAt(0);
        }
        else if (next is { } page)
        {
            var pages = Math.Max(1, Math.Min(bytes / bytesPerPage, longest));
            longest = Growth * pages;
            var end = page + pages;
            range = new PageRange(new PagePlace(page, 0), end < Pages ? (uint)end : null);
            next = range.End;
        }
        else
        {
            return null;
        }

        taken.Add(range);
        return range;
    }

    /// <summary>The range was not published.</summary>
    public void GiveBack(PageRange range)
    {
        if (taken.Remove(range))
            left.Insert(0, range);
    }

    /// <summary>The range was published.</summary>
    /// <param name="cutAt">The last row, where the chunk ended inside of the range.</param>
    public void Finish(PageRange range, PagePlace? cutAt)
    {
        taken.Remove(range);
        if (cutAt is { } place)
            left.Insert(0, range with { After = place });
    }
}

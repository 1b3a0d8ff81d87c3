using System.Text.Json;
using Cdc.Capture.Reading;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>A file that holds rows of a table.</summary>
/// <param name="Number">The oid of the table, or partition, whose file it is.</param>
/// <param name="Id">Its name.</param>
/// <param name="Version">The file node: another one after a rewrite or truncation.</param>
public sealed record PagedFile(uint Number, TableId Id, uint Version) : TableFile(Number, Version)
{
    public override TablePart ToPart() => new PagedPart(Number, Id, Version);
}

/// <summary>A file that is read by runs of its pages.</summary>
public sealed class PagedPart : TablePart
{
    private const int PageBytes = 8192;

    /// <summary>How much longer than the range before one may be: pages without rows say nothing of those behind them.</summary>
    private const int Growth = 4;

    private uint? next = 0;
    private double bytesPerPage = PageBytes;
    private double longest = double.MaxValue;

    /// <param name="oid">Of the table that holds the rows.</param>
    /// <param name="id">Its name.</param>
    /// <param name="fileNode">The file; places mean nothing in another one.</param>
    public PagedPart(uint oid, TableId id, uint fileNode)
        : this(oid, id, fileNode, [])
    {
    }

    private PagedPart(uint oid, TableId id, uint fileNode, IEnumerable<PageRange> left)
        : base(oid, fileNode, left)
    {
        Id = id;
    }

    public TableId Id { get; }

    /// <summary>How many pages it has, as of the description; more may come.</summary>
    public uint Pages { get; set; }

    public override double Bytes => Pages * bytesPerPage;

    protected override bool IsGivenOut => next is null;

    /// <summary>What <see cref="ToText"/> made.</summary>
    public static PagedPart Parse(string text)
    {
        var note = JsonSerializer.Deserialize<Note>(text)!;
        var left = note.Unpublished.Select(PageRange.Parse);
        return new PagedPart(note.Oid, new TableId(note.Schema, note.Name), note.FileNode, left) { next = note.Next };
    }

    public override string ToText()
    {
        var unpublished = Unpublished.Select(range => ((PageRange)range).ToText());
        return JsonSerializer.Serialize(new Note(Number, Id.Schema, Id.Name, Version, next, [.. unpublished]));
    }

    /// <summary>How many bytes a page gave, long values included; rough.</summary>
    public void Expect(double bytes) => bytesPerPage = Math.Max(bytes, 1);

    public override void Measure(TablePart described) => Pages = ((PagedPart)described).Pages;

    protected override ReadRange? TakeNext(int bytes)
    {
        if (next is not { } page)
            return null;
        var pages = Math.Max(1, Math.Min(bytes / bytesPerPage, longest));
        longest = Growth * pages;
        var end = page + pages;
        next = end < Pages ? (uint)end : null;
        return new PageRange(new PagePlace(page, 0), next);
    }

    protected override void Learn(ReadRange range, ChunkFacts facts)
    {
        var pages = (PageRange)range;
        var end = facts.Rest is PageRange rest ? rest.After.Page + 1 : pages.End ?? Pages;
        if (end > pages.After.Page)
            Expect((double)facts.Bytes / (end - pages.After.Page));
    }

    /// <param name="Oid">Of the table that holds the rows.</param>
    /// <param name="FileNode">The file.</param>
    /// <param name="Next">The first page that nobody was given; null where there is none.</param>
    /// <param name="Unpublished">Ranges below it that are not published.</param>
    private sealed record Note(uint Oid, string Schema, string Name, uint FileNode, uint? Next, List<string> Unpublished);
}

namespace Cdc.Sink.Writers.DuckDb;

/// <summary>
/// The database file and its lock among the sinks of one process: DuckDB's own lock is the operating system's, which holds between
/// processes only.
/// </summary>
internal sealed class DuckDbFile(string path)
{
    private static readonly HashSet<string> Held = new(StringComparer.Ordinal);
    private bool isHeld;

    /// <summary>Absolute, links followed.</summary>
    public string Path { get; } = Resolve(path);

    /// <summary>Where DuckDB spills what does not fit into its memory.</summary>
    public string SpillFolder => Path + ".tmp";

    /// <summary>What is committed and not yet in the file itself, in bytes.</summary>
    public long WalBytes => new FileInfo(Path + ".wal") is { Exists: true } wal ? wal.Length : 0;

    public bool TryHold()
    {
        lock (Held)
            return isHeld = Held.Add(Path);
    }

    public void Free()
    {
        if (!isHeld)
            return;
        lock (Held)
            Held.Remove(Path);
        isHeld = false;
    }

    private static string Resolve(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        return new FileInfo(full) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : full;
    }
}

using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// What the stream's tables are called. Servers before 16 continue under the name of before when a schema is renamed: their pgoutput hears
/// of a table's renaming, and not of its schema's. So what the catalog is seen to call a table counts from there on, until the stream
/// itself says something newer. Written by the stream's thread and by those that look at the catalog.
/// </summary>
/// <param name="from">Up to which place the log holds what was streamed.</param>
/// <param name="captured">
/// By the source's number, the name under which the log has each table up to there. Its read began behind a look that had this name, and no
/// other was seen since: whatever is streamed from older rows of the catalog, this one is newer.
/// </param>
public sealed class StreamedNames(ulong from, IReadOnlyDictionary<uint, TableId> captured)
{
    /// <summary>The first version whose pgoutput hears of a renamed schema.</summary>
    public const int FirstThatHears = 16;

    private readonly Lock gate = new();
    private readonly Dictionary<uint, TableId> streamed = [];

    /// <summary>By place, and no two of the same name behind each other; those that the stream is past are dropped.</summary>
    private readonly Dictionary<uint, List<(TableId Name, ulong At)>> names = [];

    private volatile Dictionary<uint, ulong>? outdated;

    /// <summary>The source's numbers of all tables that this session has named.</summary>
    public uint[] Announced
    {
        get
        {
            lock (gate)
                return [.. streamed.Keys];
        }
    }

    /// <summary>
    /// Whether the log says of itself what a table is called, so that nothing follows from an older name that comes again. Where it does
    /// not, that name may be taken for changes that another table's records need: they are missing there, and that is to be told.
    /// </summary>
    public bool IsCaptured(uint relation) => captured.ContainsKey(relation);

    /// <summary>The stream names a table. Answers with the name to be taken for its changes from here on.</summary>
    /// <param name="relation">The source's number of it.</param>
    /// <param name="name">As the stream has it.</param>
    /// <param name="at">
    /// Where the change lies that it is named for: the name is the one of that place. Zero where that is not known: any other is newer.
    /// </param>
    /// <param name="commit">Where the transaction of that change was committed.</param>
    public TableId Announce(uint relation, TableId name, ulong at, ulong commit)
    {
        lock (gate)
        {
            if (at < from && captured.TryGetValue(relation, out var before))
                (name, at) = (before, from);
            Add(relation, name, at);
            return Move(relation, commit);
        }
    }

    /// <summary>The catalog names a table.</summary>
    /// <param name="relation">The source's number of it.</param>
    /// <param name="name">As the catalog has it.</param>
    /// <param name="position">A place in the log behind what was seen.</param>
    public void See(uint relation, TableId name, ulong position)
    {
        lock (gate)
        {
            Add(relation, name, position);
            Compare(relation);
        }
    }

    /// <summary>Whether the stream has a name of any table that its table no longer had at some place.</summary>
    public bool HasOutdated => outdated is not null;

    /// <summary>
    /// The name to take from here on, where a change, committed there, comes under one that its table no longer had; null where it does
    /// not.
    /// </summary>
    public TableId? Correct(uint relation, ulong commit)
    {
        if (outdated is not { } places || !places.TryGetValue(relation, out var since) || commit < since)
            return null;
        lock (gate)
        {
            var before = streamed[relation];
            var name = Move(relation, commit);
            return name == before ? null : name;
        }
    }

    private void Add(uint relation, TableId name, ulong at)
    {
        if (!names.TryGetValue(relation, out var known))
            names.Add(relation, known = []);
        var next = known.FindIndex(one => one.At > at) is var found && found < 0 ? known.Count : found;
        if (next == 0 || known[next - 1].Name != name)
            known.Insert(next, (name, at));
    }

    /// <summary>The stream is at a transaction that was committed there: takes the newest name from before it.</summary>
    private TableId Move(uint relation, ulong commit)
    {
        var known = names[relation];
        known.RemoveRange(0, Math.Max(0, known.FindLastIndex(one => one.At <= commit)));
        streamed[relation] = known[0].Name;
        Compare(relation);
        return known[0].Name;
    }

    private void Compare(uint relation)
    {
        var later = streamed.TryGetValue(relation, out var name) ? names[relation].Find(one => one.Name != name) : default;
        if (later == default && outdated?.ContainsKey(relation) != true)
            return;
        var places = outdated?.ToDictionary() ?? [];
        places.Remove(relation);
        if (later != default)
            places.Add(relation, later.At);
        outdated = places.Count > 0 ? places : null;
    }
}

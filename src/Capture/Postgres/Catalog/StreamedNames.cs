using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres.Catalog;

/// <summary>
/// Whether the stream names tables as they are called. Servers before 16 go on under the name of before when a schema is renamed: their pgoutput hears
/// of a table's renaming, and not of its schema's. A new session names them right. Written by the stream's thread and by those that look at the catalog.
/// </summary>
public sealed class StreamedNames
{
    /// <summary>The first version whose pgoutput hears of a renamed schema.</summary>
    public const int FirstThatHears = 16;

    private readonly Lock gate = new();
    private readonly Dictionary<uint, (TableId Name, ulong At)> announced = [];
    private readonly Dictionary<uint, (TableId Name, ulong At)> seen = [];
    private volatile Dictionary<uint, ulong>? outdated;

    /// <summary>The source's numbers of all tables that this session has named.</summary>
    public uint[] Announced
    {
        get
        {
            lock (gate)
                return [.. announced.Keys];
        }
    }

    /// <summary>The stream names a table.</summary>
    /// <param name="relation">The source's number of it.</param>
    /// <param name="name">As the stream has it.</param>
    /// <param name="commit">Where the transaction was committed: the name is the one of that time.</param>
    public void Announce(uint relation, TableId name, ulong commit)
    {
        lock (gate)
        {
            announced[relation] = (name, commit);
            Compare(relation);
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
            if (seen.TryGetValue(relation, out var before) && before.At > position)
                return;
            seen[relation] = (name, position);
            Compare(relation);
        }
    }

    /// <summary>Whether there is any such table.</summary>
    public bool HasOutdated => outdated is not null;

    /// <summary>Whether a change, committed there, comes under a name that its table no longer had.</summary>
    public bool IsOutdated(uint relation, ulong commit) => outdated is { } names && names.TryGetValue(relation, out var since) && commit > since;

    private void Compare(uint relation)
    {
        var isOutdated = announced.TryGetValue(relation, out var streamed) && seen.TryGetValue(relation, out var found) && streamed.Name != found.Name && streamed.At <= found.At;
        if (!isOutdated && outdated?.ContainsKey(relation) != true)
            return;
        var names = outdated?.ToDictionary() ?? [];
        names.Remove(relation);
        if (isOutdated)
            names.Add(relation, seen[relation].At);
        outdated = names.Count > 0 ? names : null;
    }
}

using System.Collections.Concurrent;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Sources;

/// <summary>
/// The shapes of a session's tables: a table looks the same from the stream and from a read where columns, their types and the key are the
/// same, and then it is one object, with one encoder and one schema. Any thread.
/// </summary>
public sealed class TableShapes
{
    private readonly ConcurrentDictionary<TableId, List<SourceTable>> known = new();

    /// <summary>The shape that is known already, or this one.</summary>
    public SourceTable Adopt(SourceTable found)
    {
        var shapes = known.GetOrAdd(found.Schema.Id, _ => []);
        lock (shapes)
        {
            if (shapes.Find(shape => LooksAlike(shape, found)) is { } same)
                return same;
            shapes.Add(found);
            return found;
        }
    }

    // An enum's labels are not compared: the stream does not tell when they change.
    private static bool LooksAlike(SourceTable one, SourceTable other) =>
        one.Schema.Key.SequenceEqual(other.Schema.Key)
        && one.IsIdentified == other.IsIdentified
        && one.Schema.Columns.Select(column => (column.Name, column.SourceType))
        .SequenceEqual(other.Schema.Columns.Select(column => (column.Name, column.SourceType)));
}

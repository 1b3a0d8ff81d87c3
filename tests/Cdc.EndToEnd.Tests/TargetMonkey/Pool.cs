using Cdc.EndToEnd.Tests.Monkey;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>The tables of one target, and which of them no deed has in its hands.</summary>
internal sealed class Pool(IEnumerable<Victim> tables)
{
    private readonly List<Victim> free = [.. tables];

    /// <summary>Takes a free table of one of the shapes; null where all are in hands.</summary>
    public Victim? Take(Random random, Shape[] shapes)
    {
        lock (free)
        {
            var fitting = free.Where(victim => shapes.Contains(victim.Shape) && victim.Schema != Stock.Yard).ToList();
            if (fitting.Count == 0)
                return null;
            var victim = fitting[random.Next(fitting.Count)];
            free.Remove(victim);
            return victim;
        }
    }

    /// <summary>Takes all tables of a schema; null where one is in hands.</summary>
    public IReadOnlyList<Victim>? TakeSchema(string schema)
    {
        lock (free)
        {
            var all = free.Where(victim => victim.Schema == schema).ToList();
            if (all.Count < Stock.YardTables)
                return null;
            all.ForEach(victim => free.Remove(victim));
            return all;
        }
    }

    public void Give(Victim victim)
    {
        lock (free)
            free.Add(victim);
    }
}

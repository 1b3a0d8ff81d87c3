using System.Diagnostics;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>Which deed comes next: every kind once in a shuffled order, and again in another one until the time is over.</summary>
internal sealed class Schedule<T>(IReadOnlyList<T> deeds, int seed, int minutes)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Random random = new(seed);
    private readonly Queue<T> round = [];
    private int given;
    private bool isStopped;

    public (T Deed, int Number)? Next()
    {
        lock (round)
        {
            if (isStopped || (given >= deeds.Count && round.Count == 0 && clock.Elapsed.TotalMinutes >= minutes))
                return null;
            if (round.Count == 0)
            {
                foreach (var deed in deeds.OrderBy(_ => random.Next()))
                    round.Enqueue(deed);
            }

            return (round.Dequeue(), given++);
        }
    }

    public void Stop()
    {
        lock (round)
            isStopped = true;
    }
}

namespace Cdc.Contracts.Health;

/// <summary>One loop's sign of life. Used by the loop's own thread, read by others.</summary>
public sealed class Loop : IDisposable
{
    private readonly TimeSpan patience;
    private readonly TimeProvider clock;
    private readonly Action<Loop> ended;
    private long lastTick;
    private volatile string? waitingFor;

    internal Loop(string name, TimeSpan patience, TimeProvider clock, Action<Loop> ended)
    {
        Name = name;
        this.patience = patience;
        this.clock = clock;
        this.ended = ended;
        lastTick = clock.GetTimestamp();
    }

    /// <summary>Which loop it is, for people.</summary>
    public string Name { get; }

    /// <summary>What the loop waits for, which may take any time; null while it works.</summary>
    public string? WaitingFor => waitingFor;

    internal bool IsStuck => waitingFor is null && clock.GetElapsedTime(Interlocked.Read(ref lastTick)) > patience;

    /// <summary>One round of the loop was done.</summary>
    public void Tick() => Interlocked.Exchange(ref lastTick, clock.GetTimestamp());

    /// <summary>Declares a wait, until the answer is disposed.</summary>
    public Waiting Wait(string what)
    {
        waitingFor = what;
        return new Waiting(this);
    }

    /// <summary>The loop is over; nobody asks for it any more.</summary>
    public void Dispose() => ended(this);

    /// <summary>A declared wait; its end is a tick.</summary>
    public readonly struct Waiting(Loop loop) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            loop.Tick();
            loop.waitingFor = null;
        }
    }
}

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// How long a server may say nothing at all, although it was asked to. A server can be busy that long with a transaction of which nothing
/// is ours, and starts over after each reconnection: so the patience doubles with each session that ended by it, until one confirms
/// something.
/// </summary>
public sealed class ReceivePatience
{
    private const int MostDoublings = 6;

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(60);

    private int silences;

    /// <param name="senderTimeout">The server's own patience with us; zero: endless.</param>
    public TimeSpan For(TimeSpan senderTimeout) =>
        (senderTimeout > TimeSpan.Zero ? senderTimeout : Usual) * (1 << Volatile.Read(ref silences));

    /// <summary>A session ended because nothing came.</summary>
    public void GiveUp() => Volatile.Write(ref silences, Math.Min(silences + 1, MostDoublings));

    /// <summary>The stream moved on.</summary>
    public void Hear() => Volatile.Write(ref silences, 0);
}

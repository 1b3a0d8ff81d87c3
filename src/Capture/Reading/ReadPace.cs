namespace Cdc.Capture.Reading;

/// <summary>How fast tables are read, and how often the source is looked at.</summary>
/// <param name="Parallel">Chunks at once.</param>
/// <param name="RowsPerSecond">Over all tables; 0: no limit.</param>
/// <param name="Heartbeat">How often a message is written into the source's log; zero: never.</param>
public sealed record ReadPace(int Parallel, int RowsPerSecond, TimeSpan Heartbeat)
{
    /// <summary>About how many bytes of a table without a key are taken at once.</summary>
    public int PieceBytes { get; init; } = 1 << 20;

    /// <summary>Whether a table that joins the stream is read as a whole.</summary>
    public bool ReadsNewTables { get; init; } = true;

    /// <summary>How often all tables are looked over while none is read: under load blocks come thousands a second.</summary>
    public static TimeSpan Pass { get; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How often the stream is asked how far it is while a chunk waits for it.</summary>
    public static TimeSpan Ask { get; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a chunk waits before the source's log is made to be flushed.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How soon the source is looked at again when something depends on it.</summary>
    public static TimeSpan Look { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long nobody looks whether there is something to do, also where no table is read.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How long tables wait for somebody's transaction before it is said whose.</summary>
    public static TimeSpan TellsAfter { get; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the source is looked at anyway.</summary>
    public static TimeSpan IdleLook { get; } = TimeSpan.FromSeconds(10);
}

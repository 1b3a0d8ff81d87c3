namespace Cdc.Transport.Embedded;

/// <summary>Where the embedded log lies and how long it keeps what it holds.</summary>
public sealed record EmbeddedLogOptions
{
    /// <summary>
    /// The log's folder. It is created if it is missing, and only its owner can read it. Required. Only one process can have it open.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>
    /// Size at which the log starts a new segment file, in bytes. Default: 64 MiB. Allowed: from 4 KiB. The newest segment is read
    /// completely when the log is opened. Space is freed by complete segments. Larger segments mean slower opening and coarser retention.
    /// Smaller segments mean more files.
    /// </summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Bytes that the log may take on disk. Default: null, no bound. Allowed: from 1. Complete segments are removed, the oldest first and
    /// the newest never. So a bound below two segments has little effect. If it is too small, a sink that was down for long finds a gap.
    /// </summary>
    public long? RetentionBytes { get; init; }

    /// <summary>
    /// How long records are kept at least. Default: 7 days. Allowed: above 0, or null, for ever. Records are removed with their segment.
    /// A segment is closed at this age too, so no record is kept more than twice as long while records arrive. Time in which the process
    /// did not run counts for at most half of this age at each start, because nobody can tell it from a clock that was set wrong. If it
    /// is too short, a sink that was down for long finds a gap.
    /// </summary>
    public TimeSpan? RetentionAge { get; init; } = TimeSpan.FromDays(7);
}

namespace Cdc.Transport.Embedded;

/// <summary>Where the embedded log lies and how long it keeps what it holds.</summary>
public sealed record EmbeddedLogOptions
{
    /// <summary>
    /// The log's folder; made where it is missing, readable by its owner only. Required. One process has it open at a time.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>
    /// Bytes after which a new segment file is begun. Default: 64 MiB. Allowed: from 4 KiB. The newest segment is read whole at opening and
    /// space is given back by whole segments: larger means slower opening and coarser retention, smaller means more files.
    /// </summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Bytes the log may take on disk. Default: null, no bound. Allowed: from 1. Whole segments are removed, oldest first, the newest
    /// never, so a bound below two segments has little effect. Too small: a sink that is away for long comes back to a gap.
    /// </summary>
    public long? RetentionBytes { get; init; }

    /// <summary>
    /// How long records are kept at least. Default: 7 days. Allowed: above 0, or null, for ever. They go with their segment, which is
    /// closed at this age too, so none is held for more than twice as long while records arrive. Time in which the process did not run
    /// counts for half of it at most at each start, for nobody can tell it from a clock that was set wrong. Too small: a sink that is away
    /// for long comes back to a gap.
    /// </summary>
    public TimeSpan? RetentionAge { get; init; } = TimeSpan.FromDays(7);
}

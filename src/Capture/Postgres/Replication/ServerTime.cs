namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// The protocol's clock: microseconds since 2000-01-01 UTC (protocol chapter "Streaming Replication Protocol", PostgreSQL 14 to 18).
/// </summary>
internal static class ServerTime
{
    /// <summary>2000-01-01 UTC in microseconds since 1970.</summary>
    private const long Epoch = 946_684_800_000_000;

    /// <summary>False where the server's number is beyond what 64 bits hold as microseconds since 1970.</summary>
    public static bool TryToUnixMicroseconds(long wire, out long unixMicroseconds)
    {
        unixMicroseconds = unchecked(wire + Epoch);
        return wire <= long.MaxValue - Epoch;
    }

    public static long FromUtc(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond - Epoch;
}

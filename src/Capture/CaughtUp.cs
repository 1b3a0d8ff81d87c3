using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Capture;

/// <summary>Tells whether all that a source held at some moment is in the log.</summary>
internal static class CaughtUp
{
    /// <summary>Where the source's log ends now; waits for a source that does not answer.</summary>
    public static async Task<SourceEnd> ReadEndAsync(SessionPool sessions, TimeProvider clock, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (true)
        {
            try
            {
                return new SourceEnd((await SourceEnds.ReadAsync(sessions, cancellationToken)).Value);
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry)
            {
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Whether the log is that far, and every table is read or need not be waited for.</summary>
    public static async Task<bool> IsReachedAsync(
        SourceEnd end, TablesHealth tables, ITopicLog log, string prefix, CancellationToken cancellationToken) =>
        tables.AreSettled
        && SourceEnds.IsReached(await log.ReadCheckpointAsync(prefix, cancellationToken), new Lsn(end.Value));
}

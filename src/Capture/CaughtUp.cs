using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Postgres.Slots;
using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Capture;

/// <summary>Tells whether all that a source held at some moment is in the log.</summary>
internal sealed class CaughtUp(CaptureOptions options, ITopicLog log, TimeProvider clock)
{
    /// <summary>Where the source's log ends now; waits for a source that does not answer.</summary>
    public async Task<SourceEnd> ReadEndAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock);
        while (true)
        {
            try
            {
                return new SourceEnd((await SourceEnds.ReadAsync(options.Postgres, cancellationToken)).Value);
            }
            catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry)
            {
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Whether the log is that far, and every table is read or need not be waited for.</summary>
    public async Task<bool> IsReachedAsync(SourceEnd end, TablesHealth tables, CancellationToken cancellationToken) =>
        tables.All.Values.All(table => table.IsSettled)
        && SourceEnds.IsReached(await log.ReadCheckpointAsync(options.TopicPrefix, cancellationToken), new Lsn(end.Value));
}

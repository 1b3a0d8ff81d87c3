using Cdc.Sink.Ledger;
using Cdc.Sink.Writers;

namespace Cdc.Sink;

/// <summary>
/// Forgets how far a sink has applied, in its target. Its tables stay as they are and its own: the next start notes that their rows are
/// older than everything it will apply, and the first re-read removes those that are gone at the source.
/// </summary>
/// <param name="options">The sink's.</param>
/// <param name="logId">The log at hand; null where there is none.</param>
/// <param name="openWriter">Opens its target.</param>
public sealed class SinkReset(SinkOptions options, string? logId, Func<ITableWriter> openWriter)
{
    /// <summary>
    /// Changes no row. Throws where the target does not answer, and <c>CDC-5021</c> where what would be forgotten is of another log.
    /// </summary>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await using var writer = openWriter();
        await using var transaction = await writer.BeginAsync(cancellationToken);
        await transaction.ReadLedgerAsync(options.Identity.Key, cancellationToken);
        await RequireOwnLogAsync(transaction, cancellationToken);
    }

    /// <summary>Answers with what was done, a sentence.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        await using var writer = openWriter();
        await using var transaction = await writer.BeginAsync(cancellationToken);
        await RequireOwnLogAsync(transaction, cancellationToken);
        var partitions = (await transaction.ReadLedgerAsync(options.Identity.Key, cancellationToken)).Count;
        var tables = (await transaction.ReadTablesAsync(options.Identity.Key, cancellationToken)).Count;
        await transaction.ForgetLedgerAsync(options.Identity.Key, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return FormattableString.Invariant($"The ledger's rows are removed ({partitions}); tables stay as they are ({tables}).");
    }

    private async Task RequireOwnLogAsync(ITargetTransaction transaction, CancellationToken cancellationToken)
    {
        if (logId is not null && await transaction.ReadLogAsync(options.Identity.Key, cancellationToken) is { } noted
            && !TopicIdentity.IsSame(noted, logId))
            throw LedgerRules.OtherLog(options.Identity.Key, noted, logId);
    }
}

using Cdc.Sink.Writers;

namespace Cdc.Sink;

/// <summary>
/// Forgets how far a sink has applied, in its target. Its tables stay as they are and its own: the next start notes that their rows are older
/// than everything it will apply, and the first re-read removes those that are gone at the source.
/// </summary>
public sealed class SinkReset(SinkOptions options, Func<ITableWriter> openWriter)
{
    /// <summary>Changes no row. Throws where the target does not answer.</summary>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await using var writer = openWriter();
        await using var transaction = await writer.BeginAsync(cancellationToken);
        await transaction.ReadLedgerAsync(options.Name, cancellationToken);
    }

    /// <summary>Answers with what was done, a sentence.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        await using var writer = openWriter();
        await using var transaction = await writer.BeginAsync(cancellationToken);
        var partitions = (await transaction.ReadLedgerAsync(options.Name, cancellationToken)).Count;
        var tables = (await transaction.ReadTablesAsync(options.Name, cancellationToken)).Count;
        await transaction.ForgetLedgerAsync(options.Name, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return FormattableString.Invariant($"The ledger's rows are removed ({partitions}); tables stay as they are ({tables}).");
    }
}

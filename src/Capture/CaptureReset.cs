using Cdc.Capture.Postgres.Slots;

namespace Cdc.Capture;

/// <summary>Forgets where capture of a source stood, at the source.</summary>
public sealed class CaptureReset(CaptureOptions options, TimeProvider clock)
{
    private readonly SlotRemoval slot = new(options.Postgres, clock);

    /// <summary>Changes nothing. Throws where the source does not answer.</summary>
    public Task ProbeAsync(CancellationToken cancellationToken) => slot.FindAsync(cancellationToken);

    /// <summary>Drops the slot. Nothing tells who made the publication, so it stays. Answers with what was done, a sentence.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var (name, publication) = (options.Postgres.Slot, options.Postgres.Publication);
        var found = await slot.FindAsync(cancellationToken);
        var done = await slot.DropAsync(cancellationToken) ? $"Slot '{name}' is dropped"
            : found is null ? $"There was no slot '{name}'"
            : $"Slot '{name}' is of another database or plugin and stays";
        return $"{done}; publication '{publication}' stays, for the next start uses it as it is.";
    }
}

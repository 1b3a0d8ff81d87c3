using Cdc.Cli.Remote;
using Cdc.Contracts.Errors;
using Cdc.Control.Commands;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;

namespace Cdc.Cli.Topics;

/// <summary>The log of a folder, told by the process that has it open, or read from the folder where none runs.</summary>
internal sealed class CapturedLog(string folder)
{
    // A look for the last commits walks through a segment for each partition.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly RunningProcess process = new(folder, Patience);
    private TopicLook? own;

    /// <summary>Throws <c>CDC-3030</c> where there is no log and <c>CDC-3031</c> where a process has it and does not answer.</summary>
    public async Task<TopicListing> ListAsync(TopicsArguments arguments, CancellationToken cancellationToken) =>
        (own is null ? await process.AskAsync(CommandPaths.Topics, arguments, CommandJson.Default.TopicsArguments,
            CommandJson.Default.TopicListing) : null)
        ?? await Own().ListAsync(arguments, cancellationToken);

    public async Task<EventPage> ReadAsync(EventsArguments arguments, CancellationToken cancellationToken) =>
        (own is null
            ? await process.AskAsync(CommandPaths.Events, arguments, CommandJson.Default.EventsArguments, CommandJson.Default.EventPage)
            : null)
        ?? await Own().ReadAsync(arguments, cancellationToken);

    private TopicLook Own()
    {
        if (own is not null)
            return own;
        try
        {
            var log = EmbeddedLogView.TryOpen(folder, TimeProvider.System)
                ?? throw new CdcException(ErrorCodes.LogNotThere, $"Looking for a log in '{folder}', none was found.");
            return own = new TopicLook(log, EmbeddedSchemaView.Read(folder));
        }
        catch (CdcException error) when (error.Code == ErrorCodes.LogLocked)
        {
            throw new CdcException(ErrorCodes.LogOwnerSilent,
                $"Looking at the log in '{folder}', a process was found to have it open, and none answers at the address that it left " +
                "there.", error);
        }
    }
}

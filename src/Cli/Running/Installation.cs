using Cdc.Capture;
using Cdc.Cli.Commands;
using Cdc.Cli.Remote;
using Cdc.Cli.Topics;
using Cdc.Contracts.Schema;
using Cdc.Control.Commands;
using Cdc.Control.Status;
using Cdc.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Cdc.Cli.Running;

/// <summary>One configuration at work in this process: its roles, the log between them, and what people ask of both.</summary>
internal sealed class Installation : IInstallation
{
    private readonly Roles roles;
    private readonly StatusCollector status;
    private readonly ResyncSender sender;
    private readonly List<CaptureOptions> sources;

    private Installation(InstallationSetup setup, Roles roles)
    {
        this.roles = roles;
        status = new StatusCollector(setup.Options, roles, setup.Services.GetRequiredService<TimeProvider>());
        roles.OnLook = status.Note;
        sources = [.. setup.Options.Sources];
        sender = new ResyncSender(roles.Log.Topics, sources, TablesOfAsync);
    }

    public InstallationStatus Status => status.Take();

    /// <summary>
    /// Takes the log's folder; waits a little where another process has it, for a command that leaves a request is done at once. Throws
    /// <c>CDC-3002</c> where it stays taken.
    /// </summary>
    public static async Task<IInstallation> OpenAsync(InstallationSetup setup, CancellationToken cancellationToken) =>
        new Installation(setup, await setup.Services.GetRequiredService<RolesOpening>().OpenAsync(cancellationToken));

    public Task RunAsync(RunUntil until, CancellationToken stop) => roles.RunAsync(until, stop);

    public Task<TopicListing> ListTopicsAsync(TopicsArguments arguments, CancellationToken cancellationToken) =>
        Look().ListAsync(arguments, cancellationToken);

    public Task<EventPage> ReadEventsAsync(EventsArguments arguments, CancellationToken cancellationToken) =>
        Look().ReadAsync(arguments, cancellationToken);

    public Task<ResyncReceipt> ResyncAsync(ResyncArguments arguments, CancellationToken cancellationToken) =>
        sender.SendAsync(arguments, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        sender.Dispose();
        await roles.DisposeAsync();
    }

    private TopicLook Look() => new(roles.Log.Topics, roles.Log.Registry);

    /// <summary>What a capture has met; before it streams, what it had read before.</summary>
    private async Task<IReadOnlyCollection<TableId>?> TablesOfAsync(CaptureOptions source)
    {
        var met = roles.Captures[sources.IndexOf(source)].Progress.Tables.Keys.ToList();
        return met.Count > 0
            ? met
            : CaptureRole.TablesOf(await roles.Log.Topics.ReadCheckpointAsync(source.TopicPrefix, CancellationToken.None), source);
    }
}

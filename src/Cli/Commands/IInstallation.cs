using Cdc.Cli.Configuration;
using Cdc.Control.Commands;
using Cdc.Control.Status;
using Cdc.Hosting;

namespace Cdc.Cli.Commands;

/// <summary>Capture and sinks of one process, the log between them open.</summary>
internal interface IInstallation : IAsyncDisposable
{
    /// <summary>How it is doing now; asked from several threads, answers at once.</summary>
    InstallationStatus Status { get; }

    /// <summary>
    /// Runs until it is done; when <paramref name="stop"/> is cancelled it drains and returns. A role's error that does not pass is thrown.
    /// </summary>
    Task RunAsync(RunUntil until, CancellationToken stop);

    /// <summary>Has tables read again; durable when this returns. Any thread.</summary>
    Task<ResyncReceipt> ResyncAsync(ResyncArguments arguments, CancellationToken cancellationToken);

    /// <summary>The topics of its log. Any thread.</summary>
    Task<TopicListing> ListTopicsAsync(TopicsArguments arguments, CancellationToken cancellationToken);

    /// <summary>Events of a topic of its log. Any thread.</summary>
    Task<EventPage> ReadEventsAsync(EventsArguments arguments, CancellationToken cancellationToken);
}

/// <summary>What an installation is made of.</summary>
/// <param name="Options">The configuration.</param>
/// <param name="Services">Those of the host that it runs in: the log, its captures and sinks are registered there.</param>
internal sealed record InstallationSetup(InstallationOptions Options, IServiceProvider Services);

/// <summary>Opens the log, which makes this process its owner, and puts the roles together; starts nothing.</summary>
internal delegate Task<IInstallation> InstallationFactory(InstallationSetup setup, CancellationToken cancellationToken);

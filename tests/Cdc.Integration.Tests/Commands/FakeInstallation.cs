using Cdc.Cli.Commands;
using Cdc.Cli.Topics;
using Cdc.Control.Commands;
using Cdc.Control.Status;
using Cdc.Hosting;
using Cdc.Integration.Tests.Control;

namespace Cdc.Integration.Tests.Commands;

/// <summary>A pipeline that does what the test says when it runs.</summary>
internal sealed class FakeInstallation(Func<RunUntil, CancellationToken, Task> run) : IInstallation
{
    public bool IsDisposed { get; private set; }

    public InstallationSetup? Setup { get; private set; }

    public InstallationStatus Status => Statuses.Busy;

    public Task<IInstallation> OpenAsync(InstallationSetup setup, CancellationToken cancellationToken)
    {
        Setup = setup;
        Directory.CreateDirectory(setup.Options.Log.Embedded.Path);
        return Task.FromResult<IInstallation>(this);
    }

    /// <summary>What is told of its log.</summary>
    public Func<TopicLook>? Look { get; set; }

    public ResyncArguments? Order { get; private set; }

    public Task RunAsync(RunUntil until, CancellationToken stop) => run(until, stop);

    public Task<ResyncReceipt> ResyncAsync(ResyncArguments order, CancellationToken cancellationToken)
    {
        Order = order;
        return Task.FromResult(new ResyncReceipt([new AcceptedResync("shop", "1f", ["public.orders", "public.order_lines"])]));
    }

    public Task<TopicListing> ListTopicsAsync(
        TopicsArguments order, CancellationToken cancellationToken) => Look!().ListAsync(order, cancellationToken);

    public Task<EventPage> ReadEventsAsync(
        EventsArguments order, CancellationToken cancellationToken) => Look!().ReadAsync(order, cancellationToken);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}

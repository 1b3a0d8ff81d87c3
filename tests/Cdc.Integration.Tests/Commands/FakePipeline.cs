using Cdc.Cli.Commands;
using Cdc.Control.Orders;
using Cdc.Control.Status;
using Cdc.Integration.Tests.Control;

namespace Cdc.Integration.Tests.Commands;

/// <summary>A pipeline that does what the test says when it runs.</summary>
internal sealed class FakePipeline(Func<RunUntil, CancellationToken, Task> run) : IPipeline
{
    public bool IsDisposed { get; private set; }

    public PipelineSetup? Setup { get; private set; }

    public PipelineStatus Status => Statuses.Busy;

    public Task<IPipeline> OpenAsync(PipelineSetup setup, CancellationToken cancellationToken)
    {
        Setup = setup;
        Directory.CreateDirectory(setup.Options.Log.Embedded.Path);
        return Task.FromResult<IPipeline>(this);
    }

    public ResyncOrder? Order { get; private set; }

    public Task RunAsync(RunUntil until, CancellationToken stop) => run(until, stop);

    public Task<ResyncReceipt> ResyncAsync(ResyncOrder order, CancellationToken cancellationToken)
    {
        Order = order;
        return Task.FromResult(new ResyncReceipt([new AcceptedResync("shop", "1f", ["public.orders", "public.order_lines"])]));
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}

using Microsoft.Extensions.Hosting;

namespace Cdc.Hosting;

/// <summary>
/// Runs the registered captures and sinks for as long as the host runs. When they end, the host is stopped; what ended them is thrown out
/// of the host's stop, so that <c>RunAsync</c> of the host fails with it and does not return as if all were well.
/// </summary>
internal sealed class RolesService(RolesOpening opening, IHostApplicationLifetime host) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Roles? roles;
    private Task running = Task.CompletedTask;

    /// <summary>Opens the log, and returns once the roles start. Throws what the log throws: the host then does not start.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (opening.Options.Start == RolesStart.ByCaller)
            return;
        roles = await opening.OpenAsync(cancellationToken);
        running = RunAsync(roles);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await running.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Who stopped the host was told of it.
        if (roles is not null)
            await roles.DisposeAsync();
        stopping.Dispose();
    }

    private async Task RunAsync(Roles open)
    {
        try
        {
            await open.RunAsync(opening.Options.Until, stopping.Token);
        }
        finally
        {
            host.StopApplication();
        }
    }
}

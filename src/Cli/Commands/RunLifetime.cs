using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace Cdc.Cli.Commands;

/// <summary>
/// The host stops when a signal asks for it. Where a service manager wants to know (<c>NOTIFY_SOCKET</c>), it is told when the run is
/// ready, and when it is stopping.
/// </summary>
internal sealed class RunLifetime(Shutdown shutdown, IHostApplicationLifetime host, ISystemdNotifier manager) : IHostLifetime, IDisposable
{
    private readonly List<CancellationTokenRegistration> registrations = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        registrations.Add(host.ApplicationStarted.Register(() => manager.Notify(ServiceState.Ready)));
        registrations.Add(host.ApplicationStopping.Register(() => manager.Notify(ServiceState.Stopping)));
        registrations.Add(shutdown.Asked.Register(host.StopApplication));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
    }
}

using System.Runtime.InteropServices;

namespace Cdc.Cli.Commands;

/// <summary>The first SIGINT or SIGTERM asks for a stop that drains; a second one ends the process at once.</summary>
internal sealed class Shutdown : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly Action<int> exit;
    private int signals;

    /// <param name="exit">Ends the process with a code; null: really.</param>
    public Shutdown(Action<int>? exit = null)
    {
        this.exit = exit ?? Environment.Exit;
        registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, received =>
            {
                received.Cancel = true;
                Receive(signal);
            })),
        ];
    }

    /// <summary>Cancelled when a stop was asked for.</summary>
    public CancellationToken Asked => source.Token;

    public void Receive(PosixSignal signal)
    {
        if (Interlocked.Increment(ref signals) == 1)
            _ = source.CancelAsync();
        else
            exit(signal == PosixSignal.SIGINT ? 130 : 143);
    }

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }
}

using Cdc.Capture;

namespace Cdc.Hosting;

/// <summary>Who starts the roles of a host.</summary>
public enum RolesStart
{
    /// <summary>They start and stop with the host.</summary>
    WithHost,

    /// <summary>The program opens and runs them itself, by <see cref="RolesOpening"/>.</summary>
    ByCaller,
}

/// <summary>How the captures and sinks of a host run. Register one as a singleton to change what is usual.</summary>
public sealed record RolesOptions
{
    /// <summary>Who starts them. Default: the host.</summary>
    public RolesStart Start { get; init; } = RolesStart.WithHost;

    /// <summary>When they are done without being asked; the host is then stopped. Default: never.</summary>
    public RunUntil Until { get; init; } = RunUntil.Stopped;

    /// <summary>Whether tables of sources with the snapshot mode 'only' are read again. Default: never.</summary>
    public ReloadPolicy Reload { get; init; } = ReloadPolicy.Never;
}

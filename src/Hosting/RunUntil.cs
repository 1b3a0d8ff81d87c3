namespace Cdc.Hosting;

/// <summary>When a run is over without being asked.</summary>
public enum RunUntil
{
    /// <summary>Never.</summary>
    Stopped,

    /// <summary>When everything is applied that the sources held at the start.</summary>
    CaughtUp,
}

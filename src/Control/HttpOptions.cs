namespace Cdc.Control;

/// <summary>Where a process serves health, metrics, status and its page.</summary>
public sealed record HttpOptions
{
    /// <summary>The port used where none is configured and it is free.</summary>
    public const int UsualPort = 8083;

    /// <summary>
    /// The port. Default: null, which means 8083, or the next free port after it. Allowed: 0 to 65535. With 0 the operating system
    /// chooses. If you set a port and it is taken, that is an error.
    /// </summary>
    public int? Port { get; init; }

    /// <summary>
    /// The address to listen on. Default: <c>127.0.0.1</c>, this machine only. <c>0.0.0.0</c> or <c>::</c> opens it to the network:
    /// anybody there can read names of tables and positions. A request that changes something or shows row values needs the token in the
    /// log's folder.
    /// </summary>
    public string Bind { get; init; } = "127.0.0.1";
}

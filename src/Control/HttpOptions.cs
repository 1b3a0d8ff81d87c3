namespace Cdc.Control;

/// <summary>Where a process serves health, metrics, status and its page.</summary>
public sealed record HttpOptions
{
    /// <summary>The port used where none is configured and it is free.</summary>
    public const int UsualPort = 8083;

    /// <summary>
    /// The port. Default: null, which means 8083 or the next free one after it. Allowed: 0 to 65535; 0 lets the operating system choose. A
    /// port that is given and taken is an error.
    /// </summary>
    public int? Port { get; init; }

    /// <summary>
    /// The address to listen on. Default: <c>127.0.0.1</c>, this machine only. <c>0.0.0.0</c> or <c>::</c> opens it to the network: names
    /// of tables and positions can be read there; what changes something, or tells rows' values, needs the token
    /// that lies in the log's folder.
    /// </summary>
    public string Bind { get; init; } = "127.0.0.1";
}

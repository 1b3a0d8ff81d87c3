using Cdc.Contracts.Security;

namespace Cdc.Capture.Postgres;

/// <summary>One PostgreSQL database as a source (PostgreSQL 14 to 18).</summary>
public sealed record PostgresOptions
{
    /// <summary>Host name or address, or the folder of a unix socket (then it begins with <c>/</c>). Required.</summary>
    public required string Host { get; init; }

    /// <summary>Port, also of a unix socket. Default: 5432. Allowed: 1 to 65535.</summary>
    public int Port { get; init; } = 5432;

    /// <summary>The database to capture; a slot belongs to one database. Required.</summary>
    public required string Database { get; init; }

    /// <summary>A role with REPLICATION and SELECT on the tables. Required.</summary>
    public required string User { get; init; }

    /// <summary>The role's password. Default: null, none is sent.</summary>
    public Secret? Password { get; init; }

    /// <summary>TLS of all connections. Default: as <see cref="TlsOptions"/>.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>Logical replication slot. Default: empty, which means the source's name.</summary>
    public string Slot { get; init; } = "";

    /// <summary>Publication. Default: empty, which means the source's name.</summary>
    public string Publication { get; init; } = "";

    /// <summary>Whether slot and publication are made where they are missing. Default: false, the DBA makes them.</summary>
    public bool Create { get; init; }

    /// <summary>
    /// How often a message is written to the source's log so that an idle database's slot moves on. Default: 10 s. Zero: never, and an idle
    /// database then piles up its log. Allowed: 0, or 1 s to 1 h.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);
}

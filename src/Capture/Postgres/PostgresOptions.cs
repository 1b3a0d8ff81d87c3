using Cdc.Contracts.Security;

namespace Cdc.Capture.Postgres;

/// <summary>One PostgreSQL database as a source (PostgreSQL 14 to 18).</summary>
public sealed record PostgresOptions
{
    /// <summary>Host name or address, or the folder of a unix socket (it starts with <c>/</c>). Required.</summary>
    public required string Host { get; init; }

    /// <summary>Port, also of a unix socket. Default: 5432. Allowed: 1 to 65535.</summary>
    public int Port { get; init; } = 5432;

    /// <summary>The database to capture. A slot belongs to one database. Required.</summary>
    public required string Database { get; init; }

    /// <summary>A role with REPLICATION, and SELECT on the tables. Required.</summary>
    public required string User { get; init; }

    /// <summary>The role's password. Default: null, none is sent.</summary>
    public Secret? Password { get; init; }

    /// <summary>TLS of all connections. Default: as <see cref="TlsOptions"/>.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>The logical replication slot. Default: empty, which means the source's name.</summary>
    public string Slot { get; init; } = "";

    /// <summary>The publication. Default: empty, which means the source's name.</summary>
    public string Publication { get; init; } = "";

    /// <summary>Whether missing slots and publications are created. Default: false, the DBA creates them.</summary>
    public bool Create { get; init; }

    /// <summary>
    /// How often a message is written to the source's write-ahead log, so that the slot of an idle database moves forward. Default: 10 s.
    /// Allowed: 0, or 1 s to 1 h. With 0 no message is written, and an idle database keeps more and more of its write-ahead log.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);
}

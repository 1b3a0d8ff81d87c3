using Cdc.Contracts.Security;

namespace Cdc.Sink.Writers.Postgres;

/// <summary>One PostgreSQL database as a target (PostgreSQL 14 to 18).</summary>
public sealed record PostgresTargetOptions
{
    /// <summary>Host name or address, or the folder of a unix socket (it starts with <c>/</c>). Required.</summary>
    public required string Host { get; init; }

    /// <summary>Port. Default: 5432. Allowed: 1 to 65535.</summary>
    public int Port { get; init; } = 5432;

    /// <summary>The database to write into. Required.</summary>
    public required string Database { get; init; }

    /// <summary>A role that may create schemas and tables there. Required.</summary>
    public required string User { get; init; }

    /// <summary>The role's password. Default: null, none is sent.</summary>
    public Secret? Password { get; init; }

    /// <summary>TLS of the connection. Default: as <see cref="TlsOptions"/>.</summary>
    public TlsOptions Tls { get; init; } = new();
}

namespace Cdc.Capture.Postgres.Replication;

/// <summary>The answer to <c>IDENTIFY_SYSTEM</c>.</summary>
/// <param name="SystemId">The cluster's number, made by initdb; copies and standbys share it.</param>
/// <param name="Timeline">Raised by each promotion.</param>
/// <param name="Flushed">The end of what the server has flushed.</param>
/// <param name="Database">The database of this session.</param>
public sealed record ServerIdentity(string SystemId, long Timeline, Lsn Flushed, string Database);

namespace Cdc.Capture.Postgres.Replication;

/// <summary>What a server says of itself before the first command.</summary>
/// <param name="Reported">Its settings, by name.</param>
/// <param name="ProcessId">The process that serves the session; 0 where it does not say.</param>
internal sealed record Greeting(IReadOnlyDictionary<string, string> Reported, int ProcessId);

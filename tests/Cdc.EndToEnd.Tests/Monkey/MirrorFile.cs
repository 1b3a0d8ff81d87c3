using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>
/// What the program is told to do: everything of the source, but for what the selection leaves out, into a target of its own.
/// </summary>
internal static class MirrorFile
{
    public const int Parallel = 2;

    public static string Of(Mirror mirror, SourceServer source, PostgresServer target)
    {
        var tls = source.IsEncrypted ? $"tls: {{ mode: verify-full, ca: {source.Authority} }}" : "tls: { mode: disable }";
        return $$"""
            name: monkey
            log:
              embedded: { path: {{mirror.Log}}, segment: 1MB }
            sources:
              shop:
                postgres:
                  host: {{PostgresServer.Host}}
                  port: {{source.Server.Port}}
                  database: source
                  user: {{SourceServer.Role}}
                  create: true
                  {{tls}}
                tables: [ "*.*", "!{{Estate.Hidden}}.*", "!monkey.*" ]
                snapshot: { chunk: 64KB, parallel: {{Parallel}}, rowsPerSecond: 5000 }
                retry: { longest: 5s }
            sinks:
              warehouse:
                postgres: { host: {{PostgresServer.Host}}, port: {{target.Port}}, database: target, user: {{PostgresServer.User}} }
            http: { port: 0 }
            """;
    }
}

using Cdc.Integration.Tests.DuckDb;
using Cdc.Integration.Tests.Streaming;
using Cdc.Sink;
using Cdc.Sink.Writers.DuckDb.Native;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Resync;

/// <summary>The target of a pipeline, asked while a sink fills it: the server's database, or a DuckDB file.</summary>
internal sealed class LostTarget(PostgresServer server, bool isDuckDb) : IDisposable
{
    private readonly TemporaryDuckDb file = new();

    public SinkOptions Of(SinkOptions options) => isDuckDb ? options with { Postgres = null, DuckDb = file.Options } : options;

    /// <summary>The target as a sink's setting.</summary>
    public string Setting => isDuckDb
        ? $"duckdb: {{ path: {file.Path} }}"
        : $"postgres: {{ host: {PostgresServer.Host}, port: {server.Port}, database: target, user: {PostgresServer.User} }}";

    public Task ExecuteAsync(string sql) => isDuckDb
        ? Eventually.HoldsAsync($"'{sql}' is run", () => file.TryExecute(sql), TimeSpan.FromSeconds(60))
        : server.ExecuteAsync(sql, "target");

    /// <summary>Waits until the target answers as the source does; fails with the fault of a role that ended.</summary>
    public Task UntilEqualAsync(RunningPipeline pipeline, string question, string? inTarget = null) =>
        Eventually.HoldsAsync($"'{question}' answers alike", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            return await server.QueryAsync<string>(question, "source") == await AnswerAsync(inTarget ?? question);
        }, TimeSpan.FromSeconds(60));

    /// <summary>Null where the target cannot say: there is no such table or column, or the file is open.</summary>
    public async Task<string?> AnswerAsync(string question)
    {
        try
        {
            return isDuckDb ? file.TryAnswer(question) : await server.QueryAsync<string>(question, "target");
        }
        catch (Npgsql.PostgresException error) when (error.SqlState is "42P01" or "42703" or "3F000")
        {
            return null;
        }
        catch (DuckDbException error) when (error.Message.Contains("does not exist", StringComparison.Ordinal)
            || error.Message.Contains("not found", StringComparison.Ordinal))
        {
            return null;
        }
    }

    public void Dispose() => file.Dispose();
}

using Cdc.Capture.Tables;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Integration.Tests.Streaming;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Troubles;

/// <summary>A value that is larger than the source may take stops its table alone, until it may.</summary>
public sealed class LargeSourceValueTests
{
    private const string Orders = "SELECT count(*)::text FROM orders";
    private const string Docs = "SELECT string_agg(id || ' ' || length(body), ', ' ORDER BY id) FROM docs";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PRIMARY KEY", 64 << 10, 100_000)]
    [InlineData("PRIMARY KEY", 1 << 20, 3_000_000)]
    [InlineData("", 1 << 20, 3_000_000)]
    public async Task Value_that_is_read_stops_its_table_until_the_bound_is_raised(string key, long most, int length)
    {
        await using var server = await StartAsync(key, length);
        using var folder = new TemporaryFolder();
        await using (var pipeline = Start(server, folder, most))
        {
            AssertTold(await UntilTroubleAsync(pipeline), key, most, length);
            await server.ExecuteAsync("INSERT INTO orders VALUES (2); INSERT INTO docs VALUES (4, 'later')", "source");
            await pipeline.UntilEqualAsync(server, Orders);
            Assert.Null(HealthOf(pipeline).Trouble!.NextTry); // Only a start reads another setting.
        }

        await using (var pipeline = Start(server, folder, null))
            await pipeline.UntilEqualAsync(server, Docs);
    }

    [Theory]
    [InlineData("PRIMARY KEY", 64 << 10, 100_000)]
    [InlineData("PRIMARY KEY", 1 << 20, 3_000_000)]
    [InlineData("", 1 << 20, 3_000_000)]
    public async Task Value_that_is_streamed_stops_its_table_until_the_bound_is_raised(string key, long most, int length)
    {
        await using var server = await StartAsync(key, 3);
        using var folder = new TemporaryFolder();
        await using (var pipeline = Start(server, folder, most))
        {
            await pipeline.UntilEqualAsync(server, Docs);
            await server.ExecuteAsync(
                $"BEGIN; INSERT INTO orders VALUES (2); UPDATE docs SET body = repeat('y', {length}) WHERE id = 2; " +
                "INSERT INTO orders VALUES (3); DELETE FROM docs WHERE id = 1; COMMIT", "source");
            AssertTold(await UntilTroubleAsync(pipeline), key, most, length);
            await pipeline.UntilEqualAsync(server, Orders);
            Assert.Equal(TableState.Stopped, HealthOf(pipeline).State);
            Assert.Equal(2, HealthOf(pipeline).LeftOut);
        }

        // A start alone does not have it read again.
        await using (var pipeline = Start(server, folder, most))
        {
            await server.ExecuteAsync(
                $"INSERT INTO orders VALUES (4); UPDATE docs SET body = repeat('z', {length}) WHERE id = 3", "source");
            await pipeline.UntilEqualAsync(server, Orders);
            Assert.Equal(TableState.Stopped, HealthOf(pipeline).State);
            Assert.Equal("1 3, 2 3, 3 3", await server.QueryAsync<string>(Docs, "target"));
        }

        await using (var pipeline = Start(server, folder, null))
        {
            await pipeline.UntilEqualAsync(server, Docs);
            await server.ExecuteAsync("UPDATE docs SET body = 'short' WHERE id = 2; INSERT INTO docs VALUES (5, 'new')", "source");
            await pipeline.UntilEqualAsync(server, Docs);
        }
    }

    [Fact]
    public async Task Value_that_was_made_smaller_lets_the_table_resume_when_somebody_asks()
    {
        await using var server = await StartAsync("PRIMARY KEY", 3);
        using var folder = new TemporaryFolder();
        await using var pipeline = Start(server, folder, 1 << 20);
        await pipeline.UntilEqualAsync(server, Docs);
        await server.ExecuteAsync("UPDATE docs SET body = repeat('y', 3000000) WHERE id = 2", "source");
        await UntilTroubleAsync(pipeline);
        await server.ExecuteAsync("UPDATE docs SET body = 'short' WHERE id = 2", "source");
        await new Cdc.Capture.Requests.ResyncRequests(pipeline.Log, "shop").SendAsync(
            Cdc.Capture.Requests.ResyncRequest.For(["public.docs"]), Token);
        await pipeline.UntilEqualAsync(server, Docs);
    }

    private static async Task<PostgresServer> StartAsync(string key, int length)
    {
        var server = await PostgresServer.StartWithDatabasesAsync();
        await server.ExecuteAsync($"""
            CREATE TABLE docs (id bigint {key}, body text); CREATE TABLE orders (id bigint PRIMARY KEY);
            INSERT INTO docs SELECT i, repeat('x', CASE i WHEN 2 THEN {length} ELSE 3 END) FROM generate_series(1, 3) i;
            INSERT INTO orders VALUES (1)
            """, "source");
        if (key.Length == 0)
            await server.ExecuteAsync("ALTER TABLE docs REPLICA IDENTITY FULL", "source");
        return server;
    }

    private static RunningPipeline Start(PostgresServer server, TemporaryFolder folder, long? most) =>
        RunningPipeline.Start(server, folder.Path, ["public.*"], options => options with { MaxValueSizeBytes = most });

    private static void AssertTold(CdcException error, string key, long most, int length)
    {
        string[] facts =
        [
            "'public.docs'", "'body'", $" {length} bytes", $"{most}", "'maxValueSize' of source 'shop'",
            key.Length > 0 ? "SELECT \"id\"" : "ctid",
        ];
        foreach (var fact in facts)
            Assert.Contains(fact, error.Message, StringComparison.Ordinal);
        Assert.DoesNotMatch("xxx|yyy", error.ToString()); // Invariant 8
    }

    private static TableHealth HealthOf(RunningPipeline pipeline) => pipeline.Capture.Progress.Tables[new TableId("public", "docs")];

    private static async Task<CdcException> UntilTroubleAsync(RunningPipeline pipeline)
    {
        CdcException? error = null;
        await Eventually.HoldsAsync("the table has its trouble", async () =>
        {
            await pipeline.ThrowIfEndedAsync();
            error = pipeline.Capture.Progress.Tables.GetValueOrDefault(new TableId("public", "docs"))?.Trouble?.Error;
            return error?.Code == ErrorCodes.SourceValueTooLarge;
        }, TimeSpan.FromSeconds(60), Token);
        return error!;
    }
}

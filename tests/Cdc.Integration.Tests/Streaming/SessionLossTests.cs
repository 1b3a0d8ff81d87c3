using System.Net;
using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Cdc.Testing;
using Npgsql;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>Sessions that a DBA ends, one by one, over TLS: capture makes them again, and no other error hides the real one.</summary>
public sealed class SessionLossTests
{
    private const string Rows = "SELECT count(*)::text FROM public.t";
    private const string Ours =
        "SELECT string_agg(pid::text, ',' ORDER BY backend_start) FROM pg_stat_activity WHERE application_name = 'cdc' " +
        "AND datname = 'source'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Each_session_that_is_lost_is_made_again(int major)
    {
        using var certificates = Certificates();
        await using var server = await StallTests.StartAsync(major);
        await certificates.InstallAsync(server, "host all all all trust\n");
        using var folder = new TemporaryFolder();
        await using var pipeline = RunningPipeline.Start(server, folder.Path, ["public.*"], options => options with
        {
            Postgres = options.Postgres with { Tls = new TlsOptions
            {
                Mode = TlsMode.VerifyFull, CaFile = certificates.PathOf("authority.crt"),
            } },
        });
        await pipeline.UntilStreamingAsync();
        Assert.Equal("t",
            await server.QueryAsync<string>(
                "SELECT CASE WHEN bool_and(ssl) THEN 't' END FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) " +
                "WHERE application_name = 'cdc'"));
        for (var (round, sessions) = (1, 9); round <= Math.Min(sessions, 4); round++)
        {
            await pipeline.UntilStreamingAsync();
            var pids = (await server.QueryAsync<string>(Ours)).Split(',');
            sessions = pids.Length;
            await server.ExecuteAsync($"SELECT pg_terminate_backend({pids[(round - 1) % pids.Length]})");
            await server.ExecuteAsync($"INSERT INTO t VALUES ({round})", "source");
            await pipeline.UntilEqualAsync(server, Rows);
        }

        Assert.DoesNotContain(pipeline.Capture.Progress.Errors.Keys, kind => kind != ErrorKind.SourceUnreachable);
    }

    [Fact]
    public async Task Session_that_died_while_nobody_used_it_is_opened_again()
    {
        await using var server = await PostgresServer.StartWithDatabasesAsync();
        var options = new PostgresOptions
        {
            Host = PostgresServer.Host, Port = server.Port, Database = "source", User = PostgresServer.User,
        };
        await using var session = await SourceSession.ReopenAsync(null, options, Token);
        Assert.Same(session, await SourceSession.ReopenAsync(session, options, Token));
        await server.ExecuteAsync($"SELECT pg_terminate_backend({session.ProcessID})");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => AskAsync(session, Token));

        await using var again = await SourceSession.ReopenAsync(session, options, Token);

        Assert.Equal(1, await AskAsync(again, Token));
    }

    private static CertificateFolder Certificates()
    {
        var certificates = new CertificateFolder();
        using var authority = certificates.CreateAuthority("authority");
        certificates.Issue(authority, "server", "db.example", IPAddress.Loopback);
        return certificates;
    }

    private static async Task<object?> AskAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT 1", session);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}

using System.Net;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Replication;

/// <summary>
/// A cluster with TLS, a certificate for <c>127.0.0.1</c> and <c>db.example</c>, and roles that need SCRAM or a certificate.
/// </summary>
public sealed class TlsTests(TlsTests.TlsServer secure) : IClassFixture<TlsTests.TlsServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TlsMode.Disable, false)]
    [InlineData(TlsMode.Prefer, true)]
    [InlineData(TlsMode.Require, true)]
    [InlineData(TlsMode.VerifyCa, true)]
    [InlineData(TlsMode.VerifyFull, true)]
    public async Task Each_mode_gets_the_encryption_it_asks_for(TlsMode mode, bool encrypted)
    {
        var options = secure.Options("scram_user") with { Password = new Secret("pencil") };
        await using var connection = await ReplicatedServer.OpenAsync(options with { Tls = options.Tls with { Mode = mode } });

        var result = await connection.QueryAsync("SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_backend_pid()", Token);

        Assert.Equal(encrypted ? "t" : "f", result.Single("ssl"));
    }

    [Fact]
    public async Task Stream_runs_over_TLS_and_lets_the_slot_go_at_the_end()
    {
        await secure.Server.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, big text); CREATE PUBLICATION p FOR ALL TABLES");
        var connection = await ReplicatedServer.OpenAsync(secure.Options("postgres"));
        await connection.CreateSlotAsync("over_tls", Token);
        await secure.Server.ExecuteAsync(
            "INSERT INTO t SELECT n, repeat('x', 1000) FROM generate_series(1, 1000) n; INSERT INTO t VALUES (0, repeat('y', 3000000))");
        await connection.StartStreamAsync("over_tls", default, ["p"], Token);
        var recorder = new StreamRecorder(connection);
        await recorder.ReadTransactionsAsync(1, Token);

        Assert.Equal(1004, recorder.Lines.Count);
        using var soon = new CancellationTokenSource();
        Task waiting;
        do
        {
            while (connection.TryReadFrame(out _))
            {
            }

            waiting = connection.FillAsync(soon.Token).AsTask();
        }
        while (waiting.IsCompletedSuccessfully);

        await soon.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await connection.DisposeAsync();
        Assert.False(await secure.Server.QueryAsync<bool>("SELECT active FROM pg_replication_slots WHERE slot_name = 'over_tls'"));
    }

    [Theory]
    [InlineData(TlsMode.VerifyCa)]
    [InlineData(TlsMode.VerifyFull)]
    public async Task Certificate_of_another_authority_is_refused(TlsMode mode)
    {
        var options = secure.Options("postgres");

        await RefusedAsync(options with { Tls = options.Tls with { Mode = mode, CaFile = secure.PathOf("other.crt") } });
        await RefusedAsync(options with { Tls = options.Tls with { Mode = mode, CaFile = null } });
        await RefusedAsync(options with { Tls = options.Tls with { Mode = mode, CaFile = secure.PathOf("missing.crt") } });
    }

    [Fact]
    public async Task Certificate_for_another_host_is_refused_by_verify_full_only()
    {
        var options = secure.Options("postgres") with { Host = "localhost" };

        await RefusedAsync(options);
        await using var connection = await ReplicatedServer.OpenAsync(options with { Tls = options.Tls with { Mode = TlsMode.VerifyCa } });
    }

    [Fact]
    public async Task Client_certificate_lets_its_role_in()
    {
        var options = secure.Options("cert_user");
        await using var connection = await ReplicatedServer.OpenAsync(
            options with { Tls = options.Tls with
            {
                CertificateFile = secure.PathOf("cert_user.crt"), KeyFile = secure.PathOf("cert_user.key"),
            } });

        var without = await Assert.ThrowsAsync<CdcException>(() => ReplicatedServer.OpenAsync(options));
        Assert.Equal(ErrorCodes.SourceAccessDenied, without.Code);
    }

    [Fact]
    public async Task Server_without_TLS_is_refused_where_it_is_required()
    {
        await using var plain = await PostgresServer.StartAsync(15);
        var options = secure.Options("postgres") with { Port = plain.Port };

        await RefusedAsync(options with { Tls = new TlsOptions { Mode = TlsMode.Require } });
        await using var connection = await ReplicatedServer.OpenAsync(options with { Tls = new TlsOptions { Mode = TlsMode.Prefer } });
    }

    private static async Task RefusedAsync(PostgresOptions options)
    {
        var error = await Assert.ThrowsAsync<CdcException>(() => ReplicatedServer.OpenAsync(options));
        Assert.Equal(ErrorCodes.SourceTlsFailed, error.Code);
    }

    public sealed class TlsServer : IAsyncLifetime
    {
        private readonly CertificateFolder certificates = new();
        private PostgresServer? server;

        public PostgresServer Server
        {
            get
            {
                if (server is null)
                    Assert.Skip("PostgreSQL 15 is missing: run build/setup.sh.");
                return server!;
            }
        }

        public string PathOf(string file) => certificates.PathOf(file);

        public PostgresOptions Options(string user) => new()
        {
            Host = PostgresServer.Host,
            Port = Server.Port,
            Database = "postgres",
            User = user,
            Tls = new TlsOptions { Mode = TlsMode.VerifyFull, CaFile = PathOf("authority.crt") },
        };

        public async ValueTask InitializeAsync()
        {
            if (PostgresServer.FindBinaries(15) is null && Environment.GetEnvironmentVariable("CI") != "true")
                return;
            using var authority = certificates.CreateAuthority("authority");
            using var other = certificates.CreateAuthority("other");
            certificates.Issue(authority, "server", "db.example", IPAddress.Loopback);
            certificates.Issue(authority, "cert_user", "cert_user");
            server = await PostgresServer.StartAsync(15);
            await server.ExecuteAsync("""
                CREATE ROLE scram_user LOGIN REPLICATION PASSWORD 'pencil';
                CREATE ROLE cert_user LOGIN REPLICATION;
                """);

            await certificates.InstallAsync(server, """
                host all postgres all trust
                hostssl all cert_user all cert
                host all all all scram-sha-256

                """);
        }

        public async ValueTask DisposeAsync()
        {
            certificates.Dispose();
            if (server is not null)
                await server.DisposeAsync();
        }
    }
}

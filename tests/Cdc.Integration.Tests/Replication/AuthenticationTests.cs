using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Replication;

/// <summary>A cluster whose access rules ask each role for its own way to log in.</summary>
public sealed class AuthenticationTests(AuthenticationTests.StrictServer strict) : IClassFixture<AuthenticationTests.StrictServer>
{
    /// <summary>Roles of the cluster and the passwords that let them in.</summary>
    public static TheoryData<string, string?> WaysIn => new()
    {
        { "trusted", null },
        { "clear_user", "pass word" },
        { "md5_user", "pass 'word" },
        { "scram_user", "pencil" },
        { "scram_letters", "Größe" },
        { "scram_scripts", "пароль パスワード 비밀번호" },
        { "scram_mapped", "ﾊﾟｽ\u00A0Ⅸe\u0301" },
        { "scram_mapped", "パス IX\u00E9" },
        { "scram_new", "😀" },
        { "scram_rtl", "سر1" },
        { "md5_mapped", "Ⅸ" },
    };

    /// <summary>What keeps a role out whatever the connection is for.</summary>
    public static TheoryData<string, string?> ClosedWays => new()
    {
        { "clear_user", "wrong" },
        { "md5_user", "wrong" },
        { "scram_user", "wrong" },
        { "scram_user", null },
        { "nobody", "x" },
        { "rejected", "x" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(WaysIn))]
    public async Task Role_gets_in_by_its_own_way(string user, string? password)
    {
        await using var connection = await ReplicatedServer.OpenAsync(strict.Options(user, password));

        var identity = await connection.IdentifySystemAsync(Token);
        Assert.Equal("postgres", identity.Database);
        Assert.Equal(1, identity.Timeline);
        Assert.Equal(15, connection.ServerMajor);
    }

    [Theory]
    [MemberData(nameof(WaysIn))]
    public async Task Queries_get_in_by_the_same_way(string user, string? password)
    {
        await using var session = await SourceSession.OpenAsync(strict.Options(user, password), Token);

        Assert.Equal("postgres", session.Database);
    }

    [Theory]
    [MemberData(nameof(ClosedWays))]
    public async Task Role_that_may_not_enter_gets_the_code(string user, string? password)
    {
        var error = await Assert.ThrowsAsync<CdcException>(() => ReplicatedServer.OpenAsync(strict.Options(user, password)));

        Assert.Equal(ErrorCodes.SourceAccessDenied, error.Code);
    }

    [Fact]
    public async Task Role_that_gets_in_and_may_not_replicate_lacks_a_right()
    {
        var error = await Assert.ThrowsAsync<CdcException>(() => ReplicatedServer.OpenAsync(strict.Options("plain_user", "x")));

        Assert.Equal(ErrorCodes.SourceRightMissing, error.Code);
    }

    [Fact]
    public async Task Unix_socket_serves_as_well()
    {
        await using var connection = await ReplicatedServer.OpenAsync(
            strict.Options("scram_user", "pencil") with { Host = strict.Server.Folder, Tls = new TlsOptions { Mode = TlsMode.Prefer } });

        Assert.Equal("UTF8", (await connection.QueryAsync("SHOW client_encoding", Token)).Single("client_encoding"));
    }

    [Fact]
    public async Task Role_s_own_settings_do_not_change_the_text_of_values()
    {
        await strict.Server.ExecuteAsync(
            "ALTER ROLE trusted SET DateStyle = 'SQL, DMY'; ALTER ROLE trusted SET TimeZone = 'Asia/Tokyo'; ALTER ROLE trusted SET " +
            "bytea_output = 'escape'");
        await using var connection = await ReplicatedServer.OpenAsync(strict.Options("trusted", null));

        var result = await connection.QueryAsync(
            "SELECT timestamptz '2026-02-03 04:05:06+00' AS t, '\\x00ff'::bytea AS b, interval '1 day 2 hours' AS i, 0.1::float8 AS f",
            Token);

        Assert.Equal(["2026-02-03 04:05:06+00", "\\x00ff", "P1DT2H", "0.1"], result.Rows[0]);
    }

    [Fact]
    public async Task Server_that_is_not_there_is_unreachable()
    {
        var refused = await Assert.ThrowsAsync<CdcException>(() =>
            ReplicatedServer.OpenAsync(strict.Options("trusted", null) with { Port = 1 }));
        var noSocket = await Assert.ThrowsAsync<CdcException>(() =>
            ReplicatedServer.OpenAsync(strict.Options("trusted", null) with { Host = "/nonexistent" }));
        var noName = await Assert.ThrowsAsync<CdcException>(() =>
            ReplicatedServer.OpenAsync(strict.Options("trusted", null) with { Host = "no.such.host.invalid" }));

        Assert.All([refused, noSocket, noName], error => Assert.Equal(ErrorCodes.SourceUnreachable, error.Code));
    }

    [Fact]
    public async Task Database_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<CdcException>(() =>
            ReplicatedServer.OpenAsync(strict.Options("trusted", null) with { Database = "nowhere" }));

        Assert.Equal(ErrorCodes.SourceSettingUnsuitable, error.Code);
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    public sealed class StrictServer : IAsyncLifetime
    {
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

        public PostgresOptions Options(string user, string? password) => new()
        {
            Host = PostgresServer.Host,
            Port = Server.Port,
            Database = "postgres",
            User = user,
            Password = password is null ? null : new Secret(password),
            Tls = new TlsOptions { Mode = TlsMode.Disable },
        };

        public async ValueTask InitializeAsync()
        {
            if (PostgresServer.FindBinaries(15) is null && Environment.GetEnvironmentVariable("CI") != "true")
                return;
            server = await PostgresServer.StartAsync(15);
            await server.ExecuteAsync("""
                CREATE ROLE trusted LOGIN REPLICATION;
                CREATE ROLE rejected LOGIN REPLICATION;
                SET password_encryption = 'scram-sha-256';
                CREATE ROLE plain_user LOGIN PASSWORD 'x';
                CREATE ROLE clear_user LOGIN REPLICATION PASSWORD 'pass word';
                CREATE ROLE scram_user LOGIN REPLICATION PASSWORD 'pencil';
                CREATE ROLE scram_letters LOGIN REPLICATION PASSWORD 'Größe';
                CREATE ROLE scram_scripts LOGIN REPLICATION PASSWORD 'пароль パスワード 비밀번호';
                CREATE ROLE scram_mapped LOGIN REPLICATION PASSWORD U&'パス IX\00E9';
                CREATE ROLE scram_new LOGIN REPLICATION PASSWORD '😀';
                CREATE ROLE scram_rtl LOGIN REPLICATION PASSWORD 'سر1';
                SET password_encryption = 'md5';
                CREATE ROLE md5_user LOGIN REPLICATION PASSWORD 'pass ''word';
                CREATE ROLE md5_mapped LOGIN REPLICATION PASSWORD 'Ⅸ';
                """);
            await File.WriteAllTextAsync(Path.Combine(server.DataFolder, "pg_hba.conf"), """
                local all postgres trust
                local all all scram-sha-256
                host all postgres all trust
                host all trusted all trust
                host all rejected all reject
                host all clear_user all password
                host all md5_user all md5
                host all md5_mapped all md5
                host all all all scram-sha-256

                """);
            await server.ExecuteAsync("SELECT pg_reload_conf()");
        }

        public async ValueTask DisposeAsync()
        {
            if (server is not null)
                await server.DisposeAsync();
        }
    }
}

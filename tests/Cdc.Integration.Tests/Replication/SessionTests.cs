using Cdc.Capture.Postgres;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Cdc.Sink.Writers.Postgres;
using Npgsql;

namespace Cdc.Integration.Tests.Replication;

/// <summary>
/// What holds for the replication connection holds for the source's SQL sessions and for the target's: ways in, TLS, codes.
/// </summary>
public sealed class SessionTests(AuthenticationTests.StrictServer strict, TlsTests.TlsServer secure)
    : IClassFixture<AuthenticationTests.StrictServer>, IClassFixture<TlsTests.TlsServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AuthenticationTests.WaysIn), MemberType = typeof(AuthenticationTests))]
    public async Task Role_gets_in_by_its_own_way(string user, string? password)
    {
        var options = strict.Options(user, password);

        Assert.Equal(user, await AskSourceAsync(options, "SELECT current_user::text"));
        Assert.Null(await OpenTargetAsync(options));
    }

    [Theory]
    [MemberData(nameof(AuthenticationTests.ClosedWays), MemberType = typeof(AuthenticationTests))]
    public async Task Role_that_may_not_enter_gets_the_codes(string user, string? password) =>
        await RefusedAsync(strict.Options(user, password), ErrorCodes.SourceAccessDenied, ErrorCodes.TargetAccessDenied);

    [Theory]
    [InlineData(TlsMode.Disable)]
    [InlineData(TlsMode.Prefer)]
    [InlineData(TlsMode.Require)]
    [InlineData(TlsMode.VerifyFull)]
    public async Task Unix_socket_serves_whatever_TLS_is_asked_for(TlsMode mode)
    {
        var options = strict.Options("scram_user", "pencil") with { Host = strict.Server.Folder, Tls = new TlsOptions { Mode = mode } };

        Assert.Equal("scram_user", await AskSourceAsync(options, "SELECT current_user::text"));
        Assert.Null(await OpenTargetAsync(options));
        await using var connection = await ReplicatedServer.OpenAsync(options);
    }

    [Theory]
    [InlineData(TlsMode.Disable, "false")]
    [InlineData(TlsMode.Prefer, "true")]
    [InlineData(TlsMode.Require, "true")]
    [InlineData(TlsMode.VerifyCa, "true")]
    [InlineData(TlsMode.VerifyFull, "true")]
    public async Task Each_mode_gets_the_encryption_it_asks_for(TlsMode mode, string encrypted)
    {
        var options = secure.Options("scram_user") with { Password = new Secret("pencil") };
        options = options with { Tls = options.Tls with { Mode = mode } };

        Assert.Equal(encrypted, await AskSourceAsync(options, "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()"));
        Assert.Null(await OpenTargetAsync(options));
    }

    [Theory]
    [InlineData(TlsMode.VerifyCa)]
    [InlineData(TlsMode.VerifyFull)]
    public async Task Certificate_of_another_authority_is_refused(TlsMode mode)
    {
        var options = secure.Options("postgres");

        await RefusedTlsAsync(options with { Tls = options.Tls with { Mode = mode, CaFile = secure.PathOf("other.crt") } });
        await RefusedTlsAsync(options with { Tls = options.Tls with { Mode = mode, CaFile = null } });
        await RefusedTlsAsync(options with { Tls = options.Tls with { Mode = mode, CaFile = secure.PathOf("missing.crt") } });
    }

    [Fact]
    public async Task Certificate_for_another_host_is_refused_by_verify_full_only()
    {
        var options = secure.Options("postgres") with { Host = "localhost" };

        await RefusedTlsAsync(options);
        options = options with { Tls = options.Tls with { Mode = TlsMode.VerifyCa } };
        Assert.Equal("postgres", await AskSourceAsync(options, "SELECT current_user::text"));
        Assert.Null(await OpenTargetAsync(options));
    }

    [Fact]
    public async Task Client_certificate_lets_its_role_in()
    {
        var options = secure.Options("cert_user");
        var certified = options with { Tls = options.Tls with
        {
            CertificateFile = secure.PathOf("cert_user.crt"), KeyFile = secure.PathOf("cert_user.key"),
        } };

        Assert.Equal("cert_user", await AskSourceAsync(certified, "SELECT current_user::text"));
        Assert.Null(await OpenTargetAsync(certified));
        await RefusedAsync(options, ErrorCodes.SourceAccessDenied, ErrorCodes.TargetAccessDenied);
    }

    [Fact]
    public async Task Server_without_TLS_is_refused_where_it_is_required()
    {
        var options = strict.Options("trusted", null);

        await RefusedTlsAsync(options with { Tls = new TlsOptions { Mode = TlsMode.Require } });
        Assert.Equal("trusted",
            await AskSourceAsync(options with { Tls = new TlsOptions { Mode = TlsMode.Prefer } }, "SELECT current_user::text"));
        Assert.Null(await OpenTargetAsync(options with { Tls = new TlsOptions { Mode = TlsMode.Prefer } }));
    }

    [Fact]
    public async Task Server_that_is_not_there_is_unreachable() =>
        await RefusedAsync(strict.Options("trusted", null) with { Port = 1 }, ErrorCodes.SourceUnreachable, ErrorCodes.TargetUnreachable);

    private static Task RefusedTlsAsync(PostgresOptions options) =>
        RefusedAsync(options, ErrorCodes.SourceTlsFailed, ErrorCodes.TargetTlsFailed);

    private static async Task RefusedAsync(PostgresOptions options, ErrorCode source, ErrorCode target)
    {
        var error = await Assert.ThrowsAsync<CdcException>(() => SourceSession.OpenAsync(options, Token));
        Assert.Equal((source.ToString(), target.ToString()), (error.Code.ToString(), await OpenTargetAsync(options)));
    }

    private static async Task<string?> AskSourceAsync(PostgresOptions options, string question)
    {
        await using var session = await SourceSession.OpenAsync(options, Token);
        await using var command = new NpgsqlCommand(question, session);
        return (string?)await command.ExecuteScalarAsync(Token);
    }

    /// <summary>
    /// The code with which the target's writer fails to begin; null where it gets in, also where it may make nothing there.
    /// </summary>
    private static async Task<string?> OpenTargetAsync(PostgresOptions options)
    {
        await using var writer = new PostgresTableWriter(new PostgresTargetOptions
        {
            Host = options.Host, Port = options.Port, Database = options.Database, User = options.User, Password = options.Password,
            Tls = options.Tls,
        }, TimeProvider.System);
        try
        {
            await using var transaction = await writer.BeginAsync(Token);
            return null;
        }
        catch (CdcException error)
        {
            return error.InnerException is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } ? null
                : error.Code.ToString();
        }
    }
}

using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Tests.Postgres.Replication;

public sealed class LoginTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public async Task Trusted_session_opens_however_its_bytes_are_cut(int pieceBytes)
    {
        var backend = new FakeBackend(FakeBackend.Greeting, pieceBytes);
        await using var connection = await backend.OpenAsync();

        Assert.Equal(15, connection.ServerMajor);
        Assert.Contains("\0replication\0database\0", backend.Received, StringComparison.Ordinal);
        Assert.Contains("\0user\0alice\0database\0shop\0", backend.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_shape_text_are_asked_for_at_start()
    {
        var backend = new FakeBackend(FakeBackend.Greeting);
        await using var connection = await backend.OpenAsync();

        foreach (var (name, value) in SessionSettings.All.Concat(SessionSettings.Limits))
            Assert.Contains($"\0{name}\0{value}\0", backend.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(13, null)]
    [InlineData(14, "SET idle_session_timeout = 0")]
    [InlineData(16, "SET idle_session_timeout = 0")]
    [InlineData(17, "SET idle_session_timeout = 0; SET transaction_timeout = 0")]
    public void Limits_that_came_later_are_lifted_where_the_server_knows_them(int major, string? statement)
    {
        Assert.Equal(statement, SessionSettings.LaterLimits(major));
        Assert.DoesNotContain(SessionSettings.Limits, limit => limit.Key is "idle_session_timeout" or "transaction_timeout");
    }

    [Fact]
    public async Task Setting_that_the_server_did_not_take_stops()
    {
        byte[] answers =
        [
            .. new WireBytes().Int32(0).AsMessage('R'),
            .. new WireBytes().Text("DateStyle").Text("SQL, DMY").AsMessage('S'),
            .. FakeBackend.Ready,
        ];

        var error = await RefusedAsync(answers, ErrorCodes.SourceSettingUnsuitable);

        Assert.Contains("'DateStyle' at 'SQL, DMY', expected 'ISO'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Md5_password_is_hashed_with_the_server_s_salt()
    {
        var backend = new FakeBackend([.. new WireBytes().Int32(5).Raw("abcd"u8).AsMessage('R'), .. FakeBackend.Greeting]);
        await using var connection = await backend.OpenAsync(FakeBackend.Options("secret"));

        Assert.EndsWith("md5c90bcafc0a2b54511742383e34d5dc9d\0", backend.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Password_in_clear_goes_to_this_machine_only()
    {
        byte[] answers = [.. new WireBytes().Int32(3).AsMessage('R'), .. FakeBackend.Greeting];
        var near = new FakeBackend(answers);
        await using var connection = await near.OpenAsync(FakeBackend.Options("secret"), isLocal: true);
        var far = new FakeBackend(answers);
        var error = await Assert.ThrowsAsync<CdcException>(() => far.OpenAsync(FakeBackend.Options("secret")));

        Assert.EndsWith("secret\0", near.Received, StringComparison.Ordinal);
        Assert.Equal(ErrorCodes.SourceAccessDenied, error.Code);
        Assert.DoesNotContain("secret", far.Received + error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, "GSS")]
    [InlineData(9, "SSPI")]
    [InlineData(2, "KerberosV5")]
    [InlineData(99, "authentication 99")]
    public async Task Other_authentication_is_refused_by_name(int request, string name)
    {
        var error = await RefusedAsync(new WireBytes().Int32(request).AsMessage('R'), ErrorCodes.SourceAccessDenied);

        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_skips_the_proof_of_SCRAM_is_refused()
    {
        byte[] answers =
        [
            .. new WireBytes().Int32(10).Text("SCRAM-SHA-256").Byte(0).AsMessage('R'),
            .. FakeBackend.Greeting,
        ];

        var error = await RefusedAsync(answers, ErrorCodes.SourceProtocolViolation);

        Assert.Contains("'Ok' out of its order", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_without_known_SASL_mechanism_is_refused() =>
        await RefusedAsync(new WireBytes().Int32(10).Text("OAUTHBEARER").Byte(0).AsMessage('R'), ErrorCodes.SourceAccessDenied);

    [Fact]
    public async Task Password_that_is_asked_for_and_not_set_is_named()
    {
        var backend = new FakeBackend(new WireBytes().Int32(5).Raw("abcd"u8).AsMessage('R'));
        var error = await Assert.ThrowsAsync<CdcException>(() => backend.OpenAsync());

        Assert.Equal(ErrorCodes.SourceAccessDenied, error.Code);
        Assert.Contains("none is set", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_of_the_server_is_translated()
    {
        var error = await RefusedAsync(FakeBackend.Error("28P01", "password authentication failed", "FATAL"),
            ErrorCodes.SourceAccessDenied);

        Assert.Equal(
            "Opening a session on 'db.example:5432' as 'alice' for database 'shop' failed: "
            + "the server answered 'password authentication failed' (SQLSTATE '28P01').",
            error.Message);
    }

    [Fact]
    public async Task Session_that_breaks_off_is_unreachable()
    {
        for (var length = 0; length < FakeBackend.Greeting.Length; length++)
            await RefusedAsync(FakeBackend.Greeting[..length], ErrorCodes.SourceUnreachable);
    }

    [Fact]
    public async Task Mutated_greeting_opens_or_is_refused_and_nothing_else()
    {
        const int seed = 77;
        var random = new Random(seed);
        for (var round = 0; round < 2000; round++)
        {
            var answers = (byte[])[.. new WireBytes().Int32(10).Text("SCRAM-SHA-256").Byte(0).AsMessage('R'), .. FakeBackend.Greeting];
            answers[random.Next(answers.Length)] = (byte)random.Next(256);
            var error = await Record.ExceptionAsync(async () =>
                await (await new FakeBackend(answers).OpenAsync(FakeBackend.Options("x"))).DisposeAsync());
            Assert.True(error is null or CdcException, $"Seed {seed}, round {round}: {error}");
        }
    }

    private static async Task<CdcException> RefusedAsync(byte[] answers, ErrorCode code)
    {
        var error = await Assert.ThrowsAsync<CdcException>(() => new FakeBackend(answers).OpenAsync(FakeBackend.Options("secret")));
        Assert.Equal(code, error.Code);
        return error;
    }
}

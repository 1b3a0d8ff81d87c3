using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Control;
using Cdc.Control.Status;

namespace Cdc.Integration.Tests.Control;

public sealed class ControlServerTests : IDisposable
{
    private readonly LoopHealth health = new(TimeProvider.System);
    private readonly HttpClient client = new();
    private InstallationStatus status = Statuses.Busy;

    public void Dispose()
    {
        client.Dispose();
    }

    [Fact]
    public async Task Status_is_told_in_JSON_and_reads_back_as_it_was()
    {
        await using var server = await StartAsync();

        var text = await client.GetStringAsync(new Uri(server.Address, "api/v1/status"));

        Assert.Contains("\"state\":\"retrying\"", text, StringComparison.Ordinal);
        var read = JsonSerializer.Deserialize(text, StatusJson.Default.InstallationStatus)!;
        Assert.Equal(text, JsonSerializer.Serialize(read, StatusJson.Default.InstallationStatus));
        Assert.Equal(0.4, read.Sources[0].LagSeconds);
    }

    [Fact]
    public async Task The_page_is_one_file_that_loads_nothing_from_elsewhere()
    {
        await using var server = await StartAsync();

        using var answer = await client.GetAsync(server.Address);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("api/v1/status", page, StringComparison.Ordinal);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", page, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_is_answered_when_every_role_works_and_else_says_which_does_not()
    {
        await using var server = await StartAsync();

        var (code, text) = await GetAsync(server, "healthz/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Equal("Sink 'warehouse' is retrying: CDC-5005 The file 'warehouse.duckdb' is open in another program.\n", text);

        status = status with { Sinks = [] };
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(server, "healthz/ready"));
    }

    [Fact]
    public async Task Live_is_answered_while_no_loop_is_stuck()
    {
        await using var server = await StartAsync();
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(server, "healthz/live"));

        using var stuck = health.Register("feedback of 'shop'", TimeSpan.FromTicks(-1));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Loop 'feedback of 'shop'' has not ticked in time.\n"),
            await GetAsync(server, "healthz/live"));
    }

    [Fact]
    public async Task Only_reading_is_answered_and_only_what_is_there()
    {
        await using var server = await StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(server, "api/v1/secrets")).Code);
        using var posted = await client.PostAsync(new Uri(server.Address, "api/v1/status"), new StringContent(""));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(server.Address, "healthz/live")));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task A_port_that_was_given_and_is_taken_is_an_error()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var error = await Assert.ThrowsAsync<CdcException>(() => StartAsync(new HttpOptions { Port = port }));

        Assert.Equal(ErrorCodes.HttpAddressUnusable, error.Code);
        Assert.Contains($"port {port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_an_error()
    {
        var error = await Assert.ThrowsAsync<CdcException>(() => StartAsync(new HttpOptions { Port = 0, Bind = "192.0.2.1" }));

        Assert.Equal(ErrorCodes.HttpAddressUnusable, error.Code);
    }

    [Fact]
    public async Task The_usual_port_gives_way_to_the_next_free_one()
    {
        await using var first = await StartAsync(new HttpOptions());
        await using var second = await StartAsync(new HttpOptions());

        Assert.True(first.Address.Port >= HttpOptions.UsualPort);
        Assert.True(second.Address.Port > first.Address.Port);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(second, "healthz/live")).Code);
    }

    [Fact]
    public async Task The_address_stands_in_a_file_while_the_server_runs()
    {
        var folder = Directory.CreateTempSubdirectory("cdc-http-").FullName;
        var file = Path.Combine(folder, InstanceAddress.FileName);
        var server = await StartAsync(new HttpOptions { Port = 0 }, folder);

        var written = await InstanceAddress.ReadAsync(folder);
        Assert.Equal(server.Address, written!.Address);
        using var answered = JsonDocument.Parse((await GetAsync(server, "api/v1/status")).Text);
        Assert.Equal(written.Instance, answered.RootElement.GetProperty("instance").GetString());
        Assert.Equal(32, written.Instance.Length);
        await server.DisposeAsync();
        Assert.False(File.Exists(file));
        Directory.Delete(folder);
    }

    private Task<ControlServer> StartAsync(HttpOptions? options = null, string? folder = null) =>
        ControlServer.StartAsync(options ?? new HttpOptions { Port = 0 }, new ControlAnswers(() => status, health), folder,
            CancellationToken.None);

    private async Task<(HttpStatusCode Code, string Text)> GetAsync(ControlServer server, string path)
    {
        using var answer = await client.GetAsync(new Uri(server.Address, path));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

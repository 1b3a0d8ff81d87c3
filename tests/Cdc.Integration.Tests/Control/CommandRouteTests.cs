using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Control;
using Cdc.Control.Commands;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Control;

/// <summary>The routes that change something, or tell rows' values, ask who sends.</summary>
public sealed class CommandRouteTests : IAsyncLifetime
{
    private const string Order = """{"tables": ["public.taken"], "source": "shop"}""";

    private readonly HttpClient client = new();
    private readonly TemporaryFolder folder = new();
    private readonly List<ResyncArguments> taken = [];
    private readonly List<object> asked = [];
    private CdcException? refusal;
    private ControlServer? server;

    private string Token => File.ReadAllText(Path.Combine(folder.Path, CommandToken.FileName)).Trim();

    public async ValueTask InitializeAsync()
    {
        var answers = new ControlAnswers(() => Statuses.Busy, new LoopHealth(TimeProvider.System))
        {
            Resync = (arguments, _) =>
            {
                if (refusal is not null)
                    throw refusal;
                taken.Add(arguments);
                return Task.FromResult(new ResyncReceipt([new AcceptedResync("shop", "1f", ["public.taken"])]));
            },
            Topics = (arguments, _) =>
            {
                asked.Add(arguments);
                return Task.FromResult(new TopicListing([]));
            },
            Events = (arguments, _) =>
            {
                asked.Add(arguments);
                return Task.FromResult(new EventPage([], [], IsEnd: true));
            },
        };
        server = await ControlServer.StartAsync(new HttpOptions { Port = 0 }, answers, folder.Path, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        client.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Command_with_the_token_is_carried_out()
    {
        var (code, body) = await PostAsync(Order, Token);

        Assert.Equal(HttpStatusCode.Accepted, code);
        Assert.Equal("1f", JsonSerializer.Deserialize(body, CommandJson.Default.ResyncReceipt)!.Requests.Single().Id);
        Assert.Equal(("shop", "public.taken"), (taken.Single().Source, taken.Single().Tables.Single()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("\u00e9")]
    public async Task Command_without_the_token_is_denied(string? token)
    {
        var (code, body) = await PostAsync(Order, token);

        Assert.Equal((HttpStatusCode.Unauthorized, ErrorCodes.CommandDenied.ToString()), (code, CodeOf(body)));
        Assert.Empty(taken);
    }

    [Theory]
    [InlineData("http://elsewhere.example")]
    [InlineData("null")]
    public async Task Command_of_another_sites_page_is_denied_even_with_the_token(string origin)
    {
        var (code, body) = await PostAsync(Order, Token, origin: origin);

        Assert.Equal((HttpStatusCode.Forbidden, ErrorCodes.CommandDenied.ToString()), (code, CodeOf(body)));
        Assert.Empty(taken);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"tables": null}""")]
    [InlineData("""{"tables": [null]}""")]
    [InlineData("""{"tables": ["a.b"], "sorce": "shop"}""")]
    [InlineData("""{"tables": "a.b"}""")]
    public async Task Command_that_is_not_understood_is_refused(string text)
    {
        var (code, body) = await PostAsync(text, Token);

        Assert.Equal((HttpStatusCode.BadRequest, ErrorCodes.CommandMalformed.ToString()), (code, CodeOf(body)));
        Assert.Empty(taken);
    }

    [Fact]
    public async Task Command_that_is_too_long_or_no_JSON_is_refused()
    {
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge,
            (await PostAsync("{\"tables\": [\"" + new string('x', 100_000) + "\"]}", Token)).Code);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(Order, Token, type: "text/plain")).Code);
        Assert.Empty(taken);
    }

    [Fact]
    public async Task What_the_order_means_decides_its_answer()
    {
        refusal = new CdcException(ErrorCodes.ResyncTableUnknown, "'public.odd' means no table.");
        Assert.Equal((HttpStatusCode.BadRequest, "CDC-2066"), await CodesAsync());
        refusal = new CdcException(ErrorCodes.LogStorageFailed, "The disk is full.");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "CDC-3003"), await CodesAsync());

        async Task<(HttpStatusCode Code, string Error)> CodesAsync()
        {
            var (code, body) = await PostAsync(Order, Token);
            return (code, CodeOf(body));
        }
    }

    [Fact]
    public async Task Nothing_else_takes_orders()
    {
        using var got = await client.GetAsync(new Uri(server!.Address, "api/v1/resync"));
        Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
        foreach (var path in (string[])["", "api/v1/status", "metrics", "api/v1/resync/more"])
        {
            using var posted = await client.PostAsync(new Uri(server.Address, path),
                new StringContent(Order, Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        }
    }

    // Invariant 8
    [Fact]
    public async Task Token_is_its_owners_alone_and_goes_with_the_process()
    {
        var file = Path.Combine(folder.Path, CommandToken.FileName);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var before = Token;
        await server!.DisposeAsync();
        Assert.False(File.Exists(file));

        await File.WriteAllTextAsync(file, before);
        await InitializeAsync();
        Assert.NotEqual(before, Token);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(Order, before)).Code);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private static string CodeOf(string body) => JsonSerializer.Deserialize(body, CommandJson.Default.Refusal)!.Code;

    // Invariant 8
    [Theory]
    [InlineData("api/v1/topics", "{}")]
    [InlineData("api/v1/events", """{"topic": "shop.public.taken", "from": [{"partition": 0, "offset": 0}], "limit": 10}""")]
    public async Task What_the_log_holds_is_told_with_the_token_only(string path, string arguments)
    {
        foreach (var token in (string?[])[null, "", new string('0', 64)])
        {
            var (denied, reason) = await PostAsync(arguments, token, path: path);
            Assert.Equal((HttpStatusCode.Unauthorized, ErrorCodes.CommandDenied.ToString()), (denied, CodeOf(reason)));
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(arguments, Token, origin: "http://elsewhere.example", path: path)).Code);
        using var got = await client.GetAsync(new Uri(server!.Address, path));
        Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
        Assert.Empty(asked);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(arguments, Token, path: path)).Code);
        Assert.Single(asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"topic": "a", "from": [], "limit": 1}""")]
    [InlineData("""{"topic": "a", "from": [null], "limit": 1}""")]
    [InlineData("""{"topic": "a", "from": [{"partition": 0, "offset": 0}, {"partition": 0, "offset": 1}], "limit": 1}""")]
    public async Task Events_of_no_place_are_refused(string arguments)
    {
        var (code, body) = await PostAsync(arguments, Token, path: "api/v1/events");

        Assert.Equal((HttpStatusCode.BadRequest, ErrorCodes.CommandMalformed.ToString()), (code, CodeOf(body)));
        Assert.Empty(asked);
    }

    private async Task<(HttpStatusCode Code, string Body)> PostAsync(
        string text, string? token, string? origin = null, string type = "application/json", string path = "api/v1/resync")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server!.Address, path));
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Uri.EscapeDataString(token));
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

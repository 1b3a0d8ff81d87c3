using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cdc.Capture.Requests;
using Cdc.Contracts.Health;
using Cdc.Control;
using Cdc.Control.Commands;
using Cdc.Control.Status;
using Cdc.Transport.Embedded;

namespace Cdc.Integration.Tests.Commands;

/// <summary>A process that was killed left its address behind, and something else answers there by now.</summary>
public sealed class StaleAddressTests : IDisposable
{
    private readonly ConfigurationFolder folder = new();
    private ResyncArguments? received;

    public void Dispose()
    {
        folder.Dispose();
    }

    /// <summary>Of the same name even: two copies of one installation on a machine.</summary>
    [Theory]
    [InlineData("other")]
    [InlineData("shop")]
    public async Task Status_of_another_installation_is_not_shown_as_ours(string name)
    {
        await using var other = await StartAsync(name);
        await new InstanceAddress(other.Address, InstanceAddress.NewId()).WriteAsync(folder.LogFolder, CancellationToken.None);

        var called = await Called.WithAsync("status", folder.File);
        Assert.Equal((3, ""), (called.Code, called.Out));
        Assert.StartsWith($"CDC-3024 Asking how 'shop' is doing, an answer of installation '{name}' was found at '{other.Address}'",
            called.Error, StringComparison.Ordinal);
        Assert.Contains("'cdc run FILE' starts it again", called.Error, StringComparison.Ordinal);

        var program = await Called.WithAsync("status", folder.File, "--output", "json");
        Assert.Equal((3, ""), (program.Code, program.Error));
        Assert.Equal("CDC-3024", (string?)JsonNode.Parse(program.Out)!["code"]);
    }

    [Fact]
    public async Task Resync_of_ours_is_left_in_the_log_and_not_sent_to_another_installation()
    {
        await using var other = await StartAsync("other");
        await new InstanceAddress(other.Address, InstanceAddress.NewId()).WriteAsync(folder.LogFolder, CancellationToken.None);
        await CommandToken.WriteAsync(folder.LogFolder, CancellationToken.None);
        await ExpectLeftAsync();
    }

    /// <summary>The token is the process' own: one that refuses it is another, whatever it says its id is.</summary>
    [Fact]
    public async Task Resync_is_left_in_the_log_where_the_token_is_refused()
    {
        await using var other = await StartAsync("shop");
        await CommandToken.WriteAsync(folder.LogFolder, CancellationToken.None);
        await ExpectLeftAsync();
    }

    [Theory]
    [InlineData(401, "")]
    [InlineData(404, "not here")]
    [InlineData(200, "<html></html>")]
    public async Task What_is_no_process_of_ours_is_not_taken_for_one(int code, string body)
    {
        using var listener = new HttpListener();
        var address = Listen(listener);
        var answering = AnswerAsync(listener, code, body);
        await new InstanceAddress(address, InstanceAddress.NewId()).WriteAsync(MakeFolder(), CancellationToken.None);

        var status = await Called.WithAsync("status", folder.File);
        Assert.Equal(3, status.Code);
        Assert.StartsWith("CDC-3024 Asking how 'shop' is doing, something that is not one of our processes was found", status.Error,
            StringComparison.Ordinal);
        await ExpectLeftAsync();
        listener.Stop();
        await answering;
    }

    [Fact]
    public async Task Address_at_which_nothing_answers_says_how_to_start_it()
    {
        using (var listener = new HttpListener())
            await new InstanceAddress(Listen(listener), InstanceAddress.NewId()).WriteAsync(MakeFolder(), CancellationToken.None);
        var called = await Called.WithAsync("status", folder.File);
        Assert.Equal(3, called.Code);
        Assert.StartsWith("No process answers for 'shop'", called.Error, StringComparison.Ordinal);
    }

    private async Task ExpectLeftAsync()
    {
        var called = await Called.WithAsync("resync", folder.File, "--all");
        Assert.Equal((0, ""), (called.Code, called.Error));
        Assert.Contains("Nothing runs: the next", called.Out, StringComparison.Ordinal);
        Assert.Null(received);
        await using var log = EmbeddedLog.Open(new() { Path = folder.LogFolder }, TimeProvider.System);
        Assert.Single((await new ResyncRequests(log, "shop").ReadAsync(0, CancellationToken.None)).Requests);
    }

    private Task<ControlServer> StartAsync(string name)
    {
        var answers = new ControlAnswers(
            () => new InstallationStatus { Name = name, Started = DateTimeOffset.UnixEpoch }, new LoopHealth(TimeProvider.System))
        {
            Resync = (order, _) =>
            {
                received = order;
                return Task.FromResult(new ResyncReceipt([]));
            },
        };
        return ControlServer.StartAsync(new HttpOptions { Port = 0 }, answers, MakeFolder(), CancellationToken.None);
    }

    private string MakeFolder() => Directory.CreateDirectory(folder.LogFolder).FullName;

    private static Uri Listen(HttpListener listener)
    {
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            listener.Prefixes.Add($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        }

        listener.Start();
        return new Uri(listener.Prefixes.Single());
    }

    private static async Task AnswerAsync(HttpListener listener, int code, string body)
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                context.Response.StatusCode = code;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}

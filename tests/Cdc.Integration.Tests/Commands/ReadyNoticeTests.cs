using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Commands;

/// <summary>A service manager that waits for word of the program, as systemd does with <c>Type=notify</c>.</summary>
public sealed class ReadyNoticeTests
{
    [Fact]
    public async Task Run_says_when_it_is_ready_and_when_it_stops()
    {
        using var folder = new ConfigurationFolder();
        using var place = new TemporaryFolder();
        var path = Path.Combine(place.Path, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        using var run = Start(path, "run", folder.File);

        Assert.Equal("READY=1", await ReceiveAsync(manager));
        Assert.False(run.HasExited);
        using var kill = Process.Start("kill", ["-TERM", run.Id.ToString(CultureInfo.InvariantCulture)]);

        Assert.Equal("STOPPING=1", await ReceiveAsync(manager));
        await run.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, run.ExitCode);
    }

    private static Process Start(string socket, params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "cdc.dll"), .. arguments])
        {
            Environment = { ["NOTIFY_SOCKET"] = socket },
            RedirectStandardOutput = true,
        })!;

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }
}

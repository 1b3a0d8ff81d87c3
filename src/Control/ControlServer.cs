using System.Globalization;
using System.Net;
using Cdc.Contracts.Errors;
using Cdc.Control.Commands;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cdc.Control;

/// <summary>
/// Serves one process' health, metrics, status and page over HTTP. Kestrel is used without a host: nothing of the environment changes what
/// it listens on, and signals stay the command's.
/// </summary>
public sealed class ControlServer : IAsyncDisposable
{
    private const int PortsTried = 64;

    private readonly KestrelServer server;
    private readonly string? folder;

    private ControlServer(KestrelServer server, Uri address, string? folder)
    {
        this.server = server;
        this.folder = folder;
        Address = address;
    }

    /// <summary>Where it can be reached.</summary>
    public Uri Address { get; }

    /// <summary>
    /// Listens and answers. A port that is configured is binding; the usual one gives way to the next free one. Throws <c>CDC-1020</c>
    /// where the address cannot be listened on.
    /// </summary>
    /// <param name="options">Where to listen.</param>
    /// <param name="answers">What is told.</param>
    /// <param name="folder">
    /// Folder in which one file tells the address and another the token for commands; null: none is written, no command is taken.
    /// </param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<ControlServer> StartAsync(
        HttpOptions options, ControlAnswers answers, string? folder, CancellationToken cancellationToken)
    {
        var bind = IPAddress.Parse(options.Bind);
        var commands = folder is null ? [] : RoutesOf(answers, await CommandToken.WriteAsync(folder, cancellationToken));
        var instance = InstanceAddress.NewId();
        for (var port = options.Port ?? HttpOptions.UsualPort; ; port++)
        {
            var kestrel = Create(new IPEndPoint(bind, port));
            try
            {
                await kestrel.StartAsync(new ControlApplication(answers, commands, instance), cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
            {
                kestrel.Dispose();
                var taken = exception is AddressInUseException || exception.InnerException is AddressInUseException;
                if (taken && options.Port is null && port < HttpOptions.UsualPort + PortsTried)
                    continue;
                var found = taken ? "the port is taken" : "it cannot be used";
                throw new CdcException(ErrorCodes.HttpAddressUnusable, string.Create(CultureInfo.InvariantCulture,
                    $"Listening for HTTP on address '{options.Bind}', port {port}, found that {found}; expected a free one."), exception);
            }

            var address = ReachableAddress(kestrel, bind);
            if (folder is not null)
                await new InstanceAddress(address, instance).WriteAsync(folder, cancellationToken);
            return new ControlServer(kestrel, address, folder);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (folder is not null)
        {
            InstanceAddress.Delete(folder);
            File.Delete(Path.Combine(folder, CommandToken.FileName));
        }

        // Connections that are kept open would hold the stop back: it does not wait for them.
        await server.StopAsync(new CancellationToken(canceled: true));
        server.Dispose();
    }

    private static List<CommandRoute> RoutesOf(ControlAnswers answers, CommandToken token)
    {
        var routes = new List<CommandRoute>();
        if (answers.Resync is { } resync)
            routes.Add(CommandRoute.Of(token, resync));
        if (answers.Topics is { } topics)
            routes.Add(CommandRoute.Of(token, topics));
        if (answers.Events is { } events)
            routes.Add(CommandRoute.Of(token, events));
        return routes;
    }

    private static KestrelServer Create(IPEndPoint endpoint)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = 100;
        options.Limits.MaxRequestBodySize = CommandRoute.MaxBytes;
        options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
        options.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        return new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    private static Uri ReachableAddress(KestrelServer server, IPAddress bind)
    {
        var port = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        var host = bind.Equals(IPAddress.Any) ? IPAddress.Loopback : bind.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : bind;
        return new UriBuilder("http", host.ToString(), port).Uri;
    }
}

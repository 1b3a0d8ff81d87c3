using System.Net;
using System.Net.Sockets;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>Opens the socket: TCP, or the unix socket in the folder that the host names.</summary>
internal static class ServerSocket
{
    /// <summary>A dead peer is noticed within a minute: after 30 s of silence three probes, 10 s apart.</summary>
    private const int KeepAliveSeconds = 30;
    private const int KeepAliveIntervalSeconds = 10;
    private const int KeepAliveRetries = 3;

    public static bool IsUnix(PostgresOptions options) => options.Host.StartsWith('/');

    /// <summary>How messages name the server.</summary>
    public static string NameOf(PostgresOptions options) => FormattableString.Invariant($"{options.Host}:{options.Port}");

    public static async Task<Socket> ConnectAsync(PostgresOptions options, CancellationToken cancellationToken)
    {
        var socket = IsUnix(options)
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (IsUnix(options))
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(
                    FormattableString.Invariant($"{options.Host}/.s.PGSQL.{options.Port}")), cancellationToken);
            }
            else
            {
                KeepAlive(socket);
                await socket.ConnectAsync(options.Host, options.Port, cancellationToken);
            }

            return socket;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is SocketException)
                throw new CdcException(ErrorCodes.SourceUnreachable, $"Connecting to '{NameOf(options)}' failed: {exception.Message}.",
                    exception);
            throw;
        }
    }

    /// <summary>Whether nobody can listen between us and the server: both are on this machine.</summary>
    public static bool IsLocal(Socket socket) =>
        socket.RemoteEndPoint is not IPEndPoint { Address: var address }
        || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static void KeepAlive(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
        if (OperatingSystem.IsLinux())
            LimitUnacknowledged(socket);
    }

    /// <summary>Probes are sent on a silent connection only; what we sent and nobody acknowledged is bounded by TCP_USER_TIMEOUT.</summary>
    private static void LimitUnacknowledged(Socket socket)
    {
        const int ipProtocolTcp = 6;
        const int tcpUserTimeout = 18;
        var milliseconds = (KeepAliveSeconds + KeepAliveRetries * KeepAliveIntervalSeconds) * 1000;
        socket.SetRawSocketOption(ipProtocolTcp, tcpUserTimeout, BitConverter.GetBytes(milliseconds));
    }
}

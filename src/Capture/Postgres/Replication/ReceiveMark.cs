using System.Net.Sockets;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// Lets a socket gather bytes before it wakes anyone (SO_RCVLOWAT, Linux). A polled socket reports every piece that comes, also while
/// nobody waits for it; at the walsender's pace, a piece a message, the wake-ups cost several times what reading does. Where there is no
/// such socket a pause does, at that cost.
/// </summary>
internal sealed class ReceiveMark(Stream stream, TimeProvider time)
{
    private const int GatheredBytes = 128 * 1024;

    private Socket? socket = OperatingSystem.IsLinux() && stream is NetworkStream network ? network.Socket : null;
    private bool isRaised;

    /// <summary>
    /// Ends when enough has come, or after that time, a few milliseconds. On a socket the thread itself waits: a timer of so short a time
    /// and the change of threads behind it cost more than the wait.
    /// </summary>
    public async ValueTask GatherAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        if (Set(raised: true))
            Poll(socket!, pause);
        else
            await Task.Delay(pause, time, cancellationToken);
    }

    /// <summary>Before a read waits: from now on the first byte is reported, also one that is here already.</summary>
    public void Lower() => Set(raised: false);

    private bool Set(bool raised)
    {
        if (socket is not null && raised != isRaised)
        {
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater, raised ? GatheredBytes : 1);
                isRaised = raised;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Closed by another thread, which the read will say; or of a kind that knows no such mark.
                socket = null;
            }
        }

        return socket is not null;
    }

    private static void Poll(Socket socket, TimeSpan pause)
    {
        try
        {
            socket.Poll(pause, SelectMode.SelectRead);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Closed by another thread: the read that follows says so.
        }
    }
}

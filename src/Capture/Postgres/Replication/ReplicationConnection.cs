using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// A session with PostgreSQL's walsender (14 to 18): commands first, then one stream of a logical slot. Opening, commands, reading frames
/// and closing belong to one caller at a time; <see cref="SendStatusAsync"/> may be called by others meanwhile. A cancelled command or a
/// cancelled opening leaves a session that can only be closed; a cancelled <see cref="FillAsync"/> can be called again.
/// </summary>
public sealed class ReplicationConnection : IAsyncDisposable
{
    /// <summary>What the stream's session calls itself.</summary>
    public const string ApplicationName = "cdc";

    /// <summary>Bounds TCP, TLS and authentication together.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long closing waits for the server to end the stream; without that answer the slot is free when the server next writes.
    /// </summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private const long NoWait = -1;

    private readonly MessageChannel channel;
    private readonly Stream plain;
    private readonly TimeProvider time;
    private readonly Gathering gathering;
    private readonly ReceiveMark mark;
    private readonly bool hasAnyBytes;
    private string? slot;
    private long waitsSince = NoWait;
    private int isClosed;

    private ReplicationConnection(MessageChannel channel, Stream plain, Greeting greeting, TimeProvider time)
    {
        this.channel = channel;
        this.plain = plain;
        this.time = time;
        gathering = new Gathering(time);
        mark = new ReceiveMark(plain, time);
        ServerVersion = greeting.Reported.GetValueOrDefault("server_version", "");
        ServerMajor = MajorOf(ServerVersion);
        hasAnyBytes = greeting.Reported.GetValueOrDefault(DatabaseEncoding.Parameter) == DatabaseEncoding.Unknown;
        ProcessId = greeting.ProcessId;
    }

    /// <summary>As the server prints it: <c>15.8 (Debian 15.8-0+deb12u1)</c>.</summary>
    public string ServerVersion { get; }

    public int ServerMajor { get; }

    /// <summary>The server's process of this session; 0 where it did not say.</summary>
    public int ProcessId { get; }

    /// <summary>
    /// Looks through long messages of the stream while they come: one with a value that is too large is not held, and comes as a frame
    /// without it. Null: any is held.
    /// </summary>
    public LargeValueSearch? Search
    {
        get => channel.Reader.Search;
        set => channel.Reader.Search = value;
    }

    /// <summary>How messages name the server.</summary>
    public string Server => channel.Server;

    /// <summary>For how long <see cref="FillAsync"/> waits by now, and nothing came; zero while nobody waits. Any thread.</summary>
    public TimeSpan Silence => Volatile.Read(ref waitsSince) is var since and not NoWait ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>
    /// Connects, takes TLS as the options demand and authenticates. Throws <c>CDC-2001</c> unreachable, <c>CDC-2002</c> refused,
    /// <c>CDC-2003</c> TLS, <c>CDC-2008</c> settings, <c>CDC-2010</c> protocol, <c>CDC-2012</c> no right to replicate.
    /// </summary>
    public static async Task<ReplicationConnection> OpenAsync(
        PostgresOptions options, string applicationName, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(OpenTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var socket = await ServerSocket.ConnectAsync(options, either.Token);
            return await OpenAsync(new NetworkStream(socket, ownsSocket: true), ServerSocket.IsLocal(socket), options, applicationName,
                time, either.Token);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new CdcException(ErrorCodes.SourceUnreachable,
                $"Opening a session on '{ServerSocket.NameOf(options)}' took longer than '{OpenTimeout.TotalSeconds}' s.", exception);
        }
    }

    /// <summary>The same over a stream that is connected already.</summary>
    internal static async Task<ReplicationConnection> OpenAsync(
        Stream plain, bool isLocal, PostgresOptions options, string applicationName, TimeProvider time, CancellationToken cancellationToken)
    {
        var stream = plain;
        try
        {
            stream = await TlsHandshake.NegotiateAsync(plain, options, cancellationToken);
            var messages = new MessageChannel(stream, ServerSocket.NameOf(options));
            var greeting = await new Login(messages, options, isLocal || stream is SslStream,
                ChannelBinding.Of(stream)).RunAsync(applicationName, cancellationToken);
            return new ReplicationConnection(messages, plain, greeting, time);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Lifts the limits that a role or database may set by default and that not every version knows; the others are lifted from the start.
    /// </summary>
    public async Task LiftLimitsAsync(CancellationToken cancellationToken)
    {
        if (SessionSettings.LaterLimits(ServerMajor) is { } statement)
            await QueryAsync(statement, cancellationToken);
    }

    public async Task<ServerIdentity> IdentifySystemAsync(CancellationToken cancellationToken)
    {
        var result = await QueryAsync(ReplicationCommands.IdentifySystem, cancellationToken);
        return new ServerIdentity(
            result.Single("systemid") ?? "",
            result.Single("timeline", Number),
            result.Single("xlogpos", Position),
            result.Single("dbname") ?? "");
    }

    /// <summary>The server's <c>wal_sender_timeout</c> for this session; zero means that it never drops a silent client.</summary>
    public async Task<TimeSpan> ReadSenderTimeoutAsync(CancellationToken cancellationToken)
    {
        var result = await QueryAsync("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'", cancellationToken);
        return TimeSpan.FromMilliseconds(result.Single("setting", Number));
    }

    /// <summary>Makes a logical slot for pgoutput without a snapshot; answers with the position from which it can stream.</summary>
    public async Task<Lsn> CreateSlotAsync(string name, CancellationToken cancellationToken) =>
        (await QueryAsync(ReplicationCommands.CreateSlot(name, ServerMajor), cancellationToken)).Single("consistent_point", Position);

    /// <summary>Throws <c>CDC-2005</c> when the slot is in use.</summary>
    public Task DropSlotAsync(string name, CancellationToken cancellationToken) =>
        QueryAsync(ReplicationCommands.DropSlot(name), cancellationToken);

    /// <summary>Runs one SQL statement or replication command with a small answer.</summary>
    public async Task<TextResult> QueryAsync(string command, CancellationToken cancellationToken)
    {
        await channel.SendAsync(FrontendMessages.Query(command), cancellationToken);
        List<string> columns = [];
        List<string?[]> rows = [];
        var bytes = 0L;
        while (true)
        {
            var message = await channel.Reader.NextAsync(cancellationToken);
            bytes += message.Body.Length;
            switch ((char)message.Type)
            {
                case 'T':
                    (columns, rows) = (TextResult.ReadColumns(message.Body.Span), []);
                    break;
                case 'D' when bytes > TextResult.MaxBytes:
                    throw new CdcException(ErrorCodes.SourceProtocolViolation,
                        $"Running a command on '{channel.Server}' found an answer of more than '{TextResult.MaxBytes}' bytes, expected a " +
                        "small one.");
                case 'D':
                    rows.Add(TextResult.ReadRow(message.Body.Span, columns.Count));
                    break;
                case 'E':
                    throw await FailedAsync(message, SessionStep.Command, $"Running a command on '{channel.Server}'", cancellationToken);
                case 'Z':
                    return new TextResult(columns, rows);
                case 'C' or 'I' or 'N' or 'S':
                    break;
                default:
                    throw Unexpected($"Running a command on '{channel.Server}'", message.Type);
            }
        }
    }

    /// <summary>
    /// Starts the slot's stream; afterwards only frames are read. A position before the slot's confirmed one is taken as that one by the
    /// server. Throws <c>CDC-2005</c> slot in use, <c>CDC-2006</c> no such slot, <c>CDC-2007</c> position gone.
    /// </summary>
    public async Task StartStreamAsync(string name, Lsn from, IReadOnlyList<string> publications, CancellationToken cancellationToken)
    {
        var doing = $"Starting the stream of slot '{name}' on '{channel.Server}'";
        if (hasAnyBytes)
            // Else one value that is not UTF-8 ends the stream of all tables.
            await QueryAsync($"SET client_encoding TO '{DatabaseEncoding.Unknown}'", cancellationToken);
        await channel.SendAsync(FrontendMessages.Query(ReplicationCommands.StartStream(name, from, publications, ServerMajor)),
            cancellationToken);
        while (slot is null)
        {
            var message = await channel.Reader.NextAsync(cancellationToken);
            switch ((char)message.Type)
            {
                case 'W':
                    slot = name;
                    channel.Reader.MaxMessageBytes = MessageReader.MaxStreamBytes;
                    break;
                case 'E':
                    throw await FailedAsync(message, SessionStep.StartStream, doing, cancellationToken);
                case 'N' or 'S':
                    break;
                default:
                    throw Unexpected(doing, message.Type);
            }
        }
    }

    /// <summary>
    /// The next frame if all of it is here, valid until the next <see cref="FillAsync"/>. Throws what the server says when it ends the
    /// stream; <c>CDC-2010</c> for bytes that are not understood.
    /// </summary>
    public bool TryReadFrame(out ReplicationFrame frame)
    {
        while (channel.Reader.TryRead(out var type, out var body))
        {
            if (type == (byte)'d')
            {
                frame = FrameParser.Parse(body);
                if (channel.Reader.Cut is { } cut)
                    frame = frame with { Cut = cut };
                return true;
            }

            ReadAside(type, body);
        }

        frame = default;
        return false;
    }

    /// <summary>The frame that was read last comes again. Not behind a <see cref="FillAsync"/>.</summary>
    public void PutBack() => channel.Reader.PutBack();

    /// <summary>
    /// Waits for more of the stream, unless a message is here that nobody has read; while the server sends many small pieces, some
    /// milliseconds longer, so that they come together. Throws <c>CDC-2001</c> when the server is gone.
    /// </summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (channel.Reader.HoldsMessage)
            return;
        if (gathering.IsDue)
        {
            await mark.GatherAsync(gathering.Pause, cancellationToken);
            gathering.Continue();
        }

        var filling = channel.Reader.FillAsync(cancellationToken);
        gathering.Note(filling.IsCompleted ? await filling : await WaitAsync(filling));
    }

    /// <summary>
    /// Tells the server how far we are; <paramref name="flushed"/> is what it may forget (Invariant 1). May be called while another
    /// thread reads, also before anything was read.
    /// </summary>
    public Task SendStatusAsync(Lsn written, Lsn flushed, Lsn applied, bool replyRequested, CancellationToken cancellationToken) =>
        channel.SendStatusAsync(written, flushed, applied, ServerTime.FromUtc(time.GetUtcNow()), replyRequested, cancellationToken);

    /// <summary>
    /// Closes the socket without a word, also while others read or write, who then throw <c>CDC-2001</c>. The server lets go of the slot;
    /// what it sent and was not confirmed comes again.
    /// </summary>
    public void Abort() => plain.Dispose();

    /// <summary>
    /// Ends the stream and the session so that the server lets go of the slot at once, as far as it answers in time. Nobody reads any more.
    /// Throws nothing: what ended the session is what is to be told. A second call does nothing.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isClosed, 1) == 1)
            return;
        using var limit = new CancellationTokenSource(CloseTimeout, time);
        try
        {
            if (slot is not null)
                await EndStreamAsync(limit.Token);
            await channel.SendAsync(FrontendMessages.Terminate, limit.Token);
        }
        catch (Exception)
        {
            // Closing the socket tells the server the same, only later.
        }

        try
        {
            await channel.DisposeAsync();
        }
        catch (Exception)
        {
            plain.Dispose();
        }
    }

    private async ValueTask<int> WaitAsync(ValueTask<int> filling)
    {
        mark.Lower();
        Volatile.Write(ref waitsSince, time.GetTimestamp());
        try
        {
            return await filling;
        }
        finally
        {
            Volatile.Write(ref waitsSince, NoWait);
        }
    }

    /// <summary>What was still on its way is dropped: it is not confirmed, so it comes again.</summary>
    private async Task EndStreamAsync(CancellationToken cancellationToken)
    {
        await channel.SendAsync(FrontendMessages.CopyDone, cancellationToken);
        while (true)
        {
            while (channel.Reader.TryRead(out var type, out _))
            {
                if (type == (byte)'Z')
                    return;
            }

            await channel.Reader.FillAsync(cancellationToken);
        }
    }

    /// <summary>Messages that may come between frames.</summary>
    private void ReadAside(byte type, ReadOnlySpan<byte> body)
    {
        var doing = $"Streaming slot '{slot}' from '{channel.Server}'";
        switch ((char)type)
        {
            case 'N' or 'S':
                break;
            case 'E':
                throw PostgresErrors.From(ServerError.Parse(body), SessionStep.Stream, doing);
            case 'c' or 'C':
                throw new CdcException(ErrorCodes.SourceUnreachable,
                    $"{doing} found that the server ended the stream: it is shutting down.");
            default:
                throw Unexpected(doing, type);
        }
    }

    /// <summary>After an error in a command the server says that it is ready again; the session stays usable.</summary>
    private async Task<CdcException> FailedAsync(ServerMessage message, SessionStep step, string doing, CancellationToken cancellationToken)
    {
        var error = ServerError.Parse(message.Body.Span);
        while (string.Equals(error.Severity, "ERROR", StringComparison.Ordinal)
            && (await channel.Reader.NextAsync(cancellationToken)).Type != (byte)'Z')
        {
        }

        return PostgresErrors.From(error, step, doing);
    }

    private static CdcException Unexpected(string doing, byte type) =>
        new(ErrorCodes.SourceProtocolViolation, $"{doing} found a message of type '0x{type:X2}' that does not belong there.");

    private static long? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number : null;

    private static Lsn? Position(string text) => Lsn.TryParse(text, out var position) ? position : null;

    private static int MajorOf(string version)
    {
        var digits = version.AsSpan(0, version.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? version.Length : end);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0;
    }
}

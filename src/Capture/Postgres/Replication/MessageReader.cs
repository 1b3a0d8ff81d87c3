using System.Buffers.Binary;
using Cdc.Contracts.Buffers;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// Cuts the server's bytes into messages (a type byte, a length that counts itself, a body). Takes whole blocks off the stream, so that
/// many messages cost one system call. Memory: one block, and while a message longer than a block is on its way a buffer that grows
/// with the bytes that really came, not with the length that was announced (Invariant 7). One thread reads.
/// </summary>
internal sealed class MessageReader(Stream stream, string server)
{
    public const int BlockBytes = 128 * 1024;

    /// <summary>The longest message while not streaming: answers to commands are short.</summary>
    public const int MaxAnswerBytes = 1 << 20;

    /// <summary>The longest message in a stream: the server's own limit of one allocation (1 GiB), and the headers.</summary>
    public const int MaxStreamBytes = (1 << 30) + 64;

    private const int HeaderBytes = 5;

    private readonly byte[] block = GC.AllocateUninitializedArray<byte>(BlockBytes);
    private byte[]? large;
    private CutMessage? cut;
    private CutMessage? latestCut;
    private int start;
    private int end;
    private int latest;

    /// <summary>A longer message is refused before memory is taken for it.</summary>
    public int MaxMessageBytes { get; set; } = MaxAnswerBytes;

    /// <summary>Looks through a message that is longer than what is held, before more memory is taken for it; null: any is held.</summary>
    public LargeValueSearch? Search { get; set; }

    /// <summary>Why the body that was read last is only the start of its message; null where it is all of it.</summary>
    public CutMessage? Cut => latestCut;

    /// <summary>Bytes held at present, for what is bounded to be seen.</summary>
    public int CapacityBytes => Buffer.Length;

    /// <summary>Whether the next message is here as a whole.</summary>
    public bool HoldsMessage
    {
        get
        {
            if (cut is not null)
                return cut.IsComplete;
            var held = Buffer.AsSpan(start, end - start);
            return held.Length >= HeaderBytes && held.Length > CheckedLength(held);
        }
    }

    private byte[] Buffer => large ?? block;

    /// <summary>The next message if all of it is here; the body is valid until the next <see cref="FillAsync"/>.</summary>
    public bool TryRead(out byte type, out ReadOnlySpan<byte> body)
    {
        latestCut = null;
        if (cut is not null)
            return TryReadCut(out type, out body);
        var held = Buffer.AsSpan(start, end - start);
        if (held.Length < HeaderBytes)
        {
            type = 0;
            body = default;
            return false;
        }

        type = held[0];
        var length = CheckedLength(held);
        if (held.Length <= length)
        {
            body = default;
            return false;
        }

        body = held[HeaderBytes..(1 + length)];
        (latest, start) = (start, start + 1 + length);
        return true;
    }

    /// <summary>The message that was read last comes again. Not behind a <see cref="FillAsync"/>.</summary>
    public void PutBack()
    {
        if (latestCut is not null)
            cut = latestCut;
        else
            start = latest;
    }

    /// <summary>Waits for more bytes; answers with how many came. Throws <c>CDC-2001</c> when the server is gone.</summary>
    public async ValueTask<int> FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        var room = Buffer.AsMemory(end);
        if (room.IsEmpty)
            return 0;
        int read;
        try
        {
            read = await stream.ReadAsync(room, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw Gone(exception);
        }

        if (read == 0)
            throw Gone(null);
        end += read;
        if (cut is not null)
            start += cut.Take(Buffer.AsSpan(start, end - start));
        return read;
    }

    /// <summary>The next message as memory, valid until the next read.</summary>
    public async ValueTask<ServerMessage> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var from = start;
            if (TryRead(out var type, out var body))
                return new ServerMessage(type, Buffer.AsMemory(from + HeaderBytes, body.Length));
            await FillAsync(cancellationToken);
        }
    }

    private bool TryReadCut(out byte type, out ReadOnlySpan<byte> body)
    {
        type = (byte)'d';
        body = default;
        if (!cut!.IsComplete)
            return false;
        (latestCut, cut) = (cut, null);
        body = latestCut.Begin;
        return true;
    }

    private CdcException Gone(Exception? inner) =>
        new(ErrorCodes.SourceUnreachable, $"Reading from '{server}' found the connection closed, expected more messages.", inner);

    private int CheckedLength(ReadOnlySpan<byte> held)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(held[1..]);
        if (length < sizeof(int) || length > MaxMessageBytes)
            throw new CdcException(ErrorCodes.SourceProtocolViolation,
                $"Reading from '{server}' found a message of type '0x{held[0]:X2}' and length '{length}', expected a length of '4' " +
                $"to '{MaxMessageBytes}'.");
        return length;
    }

    /// <summary>Moves what is held to the front of the block, or of a larger buffer where the message at hand needs it.</summary>
    private void MakeRoom()
    {
        var held = Buffer.AsSpan(start, end - start);
        var length = held.Length;
        var wanted = length < HeaderBytes ? HeaderBytes : 1 + CheckedLength(held);
        if (held.Length == Buffer.Length)
        {
            if (wanted <= held.Length)
                return;
            if (TryCut(held, wanted))
                return;
            var larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(wanted, 2L * held.Length));
            held.CopyTo(larger);
            LetGo();
            large = larger;
        }
        else
        {
            var fitsBlock = Math.Max(wanted, held.Length) <= block.Length;
            held.CopyTo(fitsBlock ? block : Buffer);
            if (fitsBlock)
                LetGo();
        }

        (start, end) = (0, length);
    }

    /// <summary>Whether the message at hand is one that is not held: then what is here of it is let go.</summary>
    private bool TryCut(ReadOnlySpan<byte> held, int wanted)
    {
        if (Search is null || held[0] != (byte)'d')
            return false;
        cut = CutMessage.TryBegin(held[HeaderBytes..], wanted - HeaderBytes, Search);
        if (cut is null)
            return false;
        LetGo();
        (start, end) = (0, 0);
        return true;
    }

    private void LetGo()
    {
        if (large is not null)
            ByteArrays.Forget(large.Length);
        large = null;
    }
}

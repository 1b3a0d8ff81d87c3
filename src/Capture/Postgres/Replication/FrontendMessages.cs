using System.Buffers.Binary;
using System.Text;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>The messages we send (protocol chapter "Message Formats", PostgreSQL 14 to 18, protocol 3.0).</summary>
internal static class FrontendMessages
{
    public const int StatusUpdateBytes = 39;

    private const int ProtocolVersion = 3 << 16;
    private const int SslRequestCode = (1234 << 16) | 5679;

    public static ReadOnlyMemory<byte> SslRequest { get; } = Untyped(Int32(SslRequestCode));

    /// <summary>Ends the stream from our side.</summary>
    public static ReadOnlyMemory<byte> CopyDone { get; } = Typed('c', []);

    public static ReadOnlyMemory<byte> Terminate { get; } = Typed('X', []);

    public static byte[] Startup(IEnumerable<KeyValuePair<string, string>> parameters) =>
        Untyped(
        [
            .. Int32(ProtocolVersion), .. parameters.SelectMany(parameter => (byte[])[.. Text(parameter.Key), .. Text(parameter.Value)]), 0,
        ]);

    public static byte[] Query(string sql) => Typed('Q', Text(sql));

    /// <summary>A password in clear or hashed.</summary>
    public static byte[] Password(string password) => Typed('p', Text(password));

    public static byte[] SaslInitialResponse(string mechanism, ReadOnlySpan<byte> response) =>
        Typed('p', [.. Text(mechanism), .. Int32(response.Length), .. response]);

    public static byte[] SaslResponse(ReadOnlySpan<byte> response) => Typed('p', response);

    /// <summary>Writes a standby status update, inside of a CopyData message, of <see cref="StatusUpdateBytes"/> bytes.</summary>
    public static void WriteStatusUpdate(Span<byte> target, Lsn written, Lsn flushed, Lsn applied, long time, bool replyRequested)
    {
        target[0] = (byte)'d';
        BinaryPrimitives.WriteInt32BigEndian(target[1..], StatusUpdateBytes - 1);
        target[5] = (byte)'r';
        BinaryPrimitives.WriteUInt64BigEndian(target[6..], written.Value);
        BinaryPrimitives.WriteUInt64BigEndian(target[14..], flushed.Value);
        BinaryPrimitives.WriteUInt64BigEndian(target[22..], applied.Value);
        BinaryPrimitives.WriteInt64BigEndian(target[30..], time);
        target[38] = replyRequested ? (byte)1 : (byte)0;
    }

    private static byte[] Typed(char type, ReadOnlySpan<byte> body) => [(byte)type, .. Untyped(body)];

    private static byte[] Untyped(ReadOnlySpan<byte> body) => [.. Int32(sizeof(int) + body.Length), .. body];

    private static byte[] Int32(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>A zero inside of a text would end it early and make the rest a text of its own.</summary>
    private static byte[] Text(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? throw new ArgumentException("A text for the server cannot hold the character NUL.", nameof(text))
        : [.. Encoding.UTF8.GetBytes(text), 0];
}

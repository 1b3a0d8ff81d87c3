using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cdc.Contracts.Buffers;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Registry;

/// <summary>
/// A line of the registry's file: <c>{"id":1,"subject":"…","version":1,"schema":"…","crc":"…"}</c> and a newline. The checksum is
/// CRC-32C, eight hexadecimal digits, of the line's bytes before <c>,"crc"</c>.
/// </summary>
internal sealed record RegistryLine(int Id, string Subject, int Version, string Schema)
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly int EndLength = EndOf(default).Length;

    public byte[] ToBytes()
    {
        var target = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(target, Format))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", Id);
            writer.WriteString("subject", Subject);
            writer.WriteNumber("version", Version);
            writer.WriteString("schema", Schema);
            writer.WriteEndObject();
        }

        var content = target.WrittenSpan[..^1];
        return [.. content, .. EndOf(content), (byte)'\n'];
    }

    /// <summary>Whether a line fits its checksum.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> line) => line.Length > EndLength && line.EndsWith(EndOf(line[..^EndLength]));

    /// <summary>Reads a line without its newline; <c>CDC-3004</c> where it is not as it was written.</summary>
    public static RegistryLine Read(ReadOnlySpan<byte> line, string path, long position)
    {
        if (!IsWhole(line))
            throw JournalErrors.Damaged(path, position, "a line does not fit its checksum");
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(line));
        var root = json.RootElement;
        return new RegistryLine(
            root.GetProperty("id").GetInt32(),
            root.GetProperty("subject").GetString()!,
            root.GetProperty("version").GetInt32(),
            root.GetProperty("schema").GetString()!);
    }

    private static byte[] EndOf(ReadOnlySpan<byte> content) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"crc\":\"{Crc32C.Of(content):x8}\"}}"));
}

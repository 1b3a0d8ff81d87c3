using System.Text;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>What a SCRAM exchange says about channel binding: RFC 5802's <c>gs2-header</c> and the bytes that go with it.</summary>
/// <param name="Mechanism">SASL mechanism.</param>
/// <param name="Header"><c>n,,</c> we cannot bind; <c>y,,</c> we could, but the server did not offer it; <c>p=…,,</c> we do.</param>
/// <param name="Certificate">Hash of the server's certificate; empty unless we bind.</param>
internal sealed record ScramBinding(string Mechanism, string Header, byte[] Certificate)
{
    public const string Plain = "SCRAM-SHA-256";
    public const string Plus = "SCRAM-SHA-256-PLUS";

    public static ScramBinding None { get; } = new(Plain, "n,,", []);

    /// <summary>Picks from the server's list; null where it offers neither.</summary>
    public static ScramBinding? Choose(IReadOnlyCollection<string> offered, byte[]? certificate) => certificate switch
    {
        { } when offered.Contains(Plus, StringComparer.Ordinal) => new ScramBinding(Plus, "p=tls-server-end-point,,", certificate),
        { } when offered.Contains(Plain, StringComparer.Ordinal) => new ScramBinding(Plain, "y,,", []),
        null when offered.Contains(Plain, StringComparer.Ordinal) => None,
        _ => null,
    };

    public byte[] Input() => [.. Encoding.ASCII.GetBytes(Header), .. Certificate];
}

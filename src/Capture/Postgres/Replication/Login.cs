using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// The startup and authentication of one connection (protocol chapter "Start-up", PostgreSQL 14 to 18): trust, password in clear, md5,
/// SCRAM-SHA-256 with channel binding where TLS and the server allow it. Anything else is refused by name.
/// </summary>
/// <param name="channel">The connection.</param>
/// <param name="options">User and password.</param>
/// <param name="isPrivate">Whether nobody can listen (TLS, unix socket, loopback): only then a password is sent in clear.</param>
/// <param name="certificateHash">For channel binding; null without TLS.</param>
internal sealed class Login(MessageChannel channel, PostgresOptions options, bool isPrivate, byte[]? certificateHash)
{
    private const int Ok = 0;
    private const int CleartextPassword = 3;
    private const int Md5 = 5;
    private const int Sasl = 10;
    private const int SaslContinue = 11;
    private const int SaslFinal = 12;

    private readonly Dictionary<string, string> reported = new(StringComparer.Ordinal);
    private int processId;
    private ScramSha256? scram;
    private bool serverProven = true;

    private string Doing => $"Opening a session on '{channel.Server}' as '{options.User}' for database '{options.Database}'";

    /// <summary>Returns what the server says of itself, once it is ready for commands.</summary>
    public async Task<Greeting> RunAsync(string applicationName, CancellationToken cancellationToken)
    {
        KeyValuePair<string, string>[] parameters =
        [
            new("user", options.User),
            new("database", options.Database),
            new("replication", "database"),
            new("application_name", applicationName),
            .. SessionSettings.All,
            .. SessionSettings.Limits,
        ];
        await channel.SendAsync(FrontendMessages.Startup(parameters), cancellationToken);
        var authenticated = false;
        while (true)
        {
            var message = await channel.Reader.NextAsync(cancellationToken);
            switch ((char)message.Type)
            {
                case 'R' when !authenticated:
                    authenticated = await AuthenticateAsync(message.Body, cancellationToken);
                    break;
                case 'E':
                    throw PostgresErrors.From(ServerError.Parse(message.Body.Span), SessionStep.Open, Doing);
                case 'S' when authenticated:
                    var (name, value) = Parameter(message.Body.Span);
                    reported[name] = value;
                    break;
                case 'K' when message.Body.Length >= sizeof(int):
                    processId = BinaryPrimitives.ReadInt32BigEndian(message.Body.Span);
                    break;
                case 'N':
                    break;
                case 'Z' when authenticated:
                    SessionSettings.Check(reported, channel.Server);
                    return new Greeting(reported, processId);
                default:
                    throw Unexpected($"a message of type '0x{message.Type:X2}'");
            }
        }
    }

    internal static KeyValuePair<string, string> Parameter(ReadOnlySpan<byte> body)
    {
        var end = body.IndexOf((byte)0);
        return end < 0 || body[^1] != 0 || body.Length < end + 2
            ? throw new CdcException(ErrorCodes.SourceProtocolViolation, "Reading a ParameterStatus message found no end of its texts.")
            : new(Encoding.UTF8.GetString(body[..end]), Encoding.UTF8.GetString(body[(end + 1)..^1]));
    }

    /// <summary>One step of authentication; true when the server let us in.</summary>
    private async Task<bool> AuthenticateAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (body.Length < sizeof(int))
            throw Unexpected("an authentication message that is too short");
        var request = BinaryPrimitives.ReadInt32BigEndian(body.Span);
        var rest = body[sizeof(int)..];
        switch (request)
        {
            case Ok when serverProven:
                return true;
            case CleartextPassword when scram is null:
                if (!isPrivate)
                    throw Denied("the server asks for the password in clear over a connection without TLS, expected TLS");
                await channel.SendAsync(FrontendMessages.Password(Password()), cancellationToken);
                return false;
            case Md5 when scram is null && rest.Length == 4:
                await channel.SendAsync(FrontendMessages.Password(Md5Password.Hash(options.User, Password(), rest.Span)),
                    cancellationToken);
                return false;
            case Sasl when scram is null:
                await BeginScramAsync(rest, cancellationToken);
                return false;
            case SaslContinue when scram is not null && !serverProven:
                await channel.SendAsync(FrontendMessages.SaslResponse(scram.ClientFinal(rest.Span)), cancellationToken);
                return false;
            case SaslFinal when scram is not null:
                scram.VerifyServerFinal(rest.Span);
                serverProven = true;
                return false;
            default:
                throw request is Ok or CleartextPassword or Md5 or Sasl or SaslContinue or SaslFinal
                    ? Unexpected($"authentication step '{NameOf(request)}' out of its order")
                    : Denied($"the server asks for '{NameOf(request)}', expected trust, password, md5 or SCRAM-SHA-256");
        }
    }

    private async Task BeginScramAsync(ReadOnlyMemory<byte> mechanisms, CancellationToken cancellationToken)
    {
        var offered = Encoding.ASCII.GetString(mechanisms.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var binding = ScramBinding.Choose(offered, certificateHash)
            ?? throw Denied($"the server offers '{string.Join(", ", offered)}', expected '{ScramBinding.Plain}'");
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        scram = new ScramSha256("", SaslPassword.Prepare(Password()), nonce, binding);
        serverProven = false;
        await channel.SendAsync(FrontendMessages.SaslInitialResponse(binding.Mechanism, scram.ClientFirst()), cancellationToken);
    }

    private string Password() => options.Password?.Reveal() ?? throw Denied("the server asks for a password, and none is set");

    private CdcException Denied(string found) => new(ErrorCodes.SourceAccessDenied, $"{Doing} failed: {found}.");

    private CdcException Unexpected(string found) => new(ErrorCodes.SourceProtocolViolation, $"{Doing} found {found}.");

    private static string NameOf(int request) => request switch
    {
        Ok => "Ok",
        2 => "KerberosV5",
        CleartextPassword => "CleartextPassword",
        Md5 => "MD5Password",
        6 => "SCM credential",
        7 => "GSS",
        8 => "GSSContinue",
        9 => "SSPI",
        Sasl => "SASL",
        SaslContinue => "SASLContinue",
        SaslFinal => "SASLFinal",
        _ => FormattableString.Invariant($"authentication {request}"),
    };
}

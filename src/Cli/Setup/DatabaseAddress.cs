using System.Globalization;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Security;
using Cdc.Hosting;

namespace Cdc.Cli.Setup;

/// <summary>A PostgreSQL database as people write it: <c>postgres://USER@HOST:PORT/DATABASE?sslmode=MODE</c>.</summary>
internal sealed record DatabaseAddress(string Host, int Port, string Database, string User)
{
    public const string Form = "postgres://USER@HOST:5432/DATABASE";

    private const int UsualPort = 5432;

    /// <summary>The word of the configuration's <c>tls.mode</c>; null where none was given.</summary>
    public string? TlsMode { get; init; }

    /// <summary>What was given with it; it is used and never written (Invariant 8).</summary>
    public Secret? Password { get; init; }

    public static bool Fits(string text) => text.StartsWith("postgres://", StringComparison.Ordinal)
        || text.StartsWith("postgresql://", StringComparison.Ordinal);

    /// <summary>Throws <c>CDC-1043</c>; the text itself is never told, for a password can be in it.</summary>
    public static DatabaseAddress Parse(string text, string what)
    {
        if (!Fits(text))
            throw Invalid(what, $"something else was found; expected '{Form}'");
        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var query = rest.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? rest[(mark + 1)..] : "";
        rest = query.Length > 0 || rest.EndsWith('?') ? rest[..rest.IndexOf('?', StringComparison.Ordinal)] : rest;
        var (authority, path) = Split(rest, rest.IndexOf('/', StringComparison.Ordinal));
        var (login, place) = authority.LastIndexOf('@') is >= 0 and var at ? Split(authority, at) : ("", authority);
        var (user, password) = Split(login, login.IndexOf(':', StringComparison.Ordinal));
        var (host, port) = SplitPort(place);
        var address = new DatabaseAddress(Decoded(host, what), UsualPort, Decoded(path, what), Decoded(user, what))
        {
            Password = password.Length > 0 ? new Secret(Decoded(password, what)) : null,
        };
        return With(WithPort(address, port, what), query, what).Checked(what);
    }

    private static DatabaseAddress With(DatabaseAddress address, string query, string what)
    {
        foreach (var setting in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = Split(setting, setting.IndexOf('=', StringComparison.Ordinal));
            address = key switch
            {
                "sslmode" when value is "disable" or "prefer" or "require" or "verify-ca" or "verify-full" =>
                    address with { TlsMode = value },
                "host" => address with { Host = Decoded(value, what) },
                "port" => WithPort(address, value, what),
                _ => throw Invalid(what,
                    $"'{key}' was found with a value that is not known; known are sslmode (disable, prefer, require, verify-ca, " +
                    "verify-full), host and port"),
            };
        }

        return address;
    }

    private static DatabaseAddress WithPort(DatabaseAddress address, string port, string what) =>
        port.Length == 0 ? address
        : int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65_535
        ? address with { Port = number }
        : throw Invalid(what, "its port is not a number from 1 to 65535");

    private static (string Host, string Port) SplitPort(string place)
    {
        if (place.StartsWith('[') && place.IndexOf(']', StringComparison.Ordinal) is > 0 and var end)
            return (place[1..end], place[(end + 1)..].TrimStart(':'));
        return Split(place, place.LastIndexOf(':'));
    }

    /// <summary>Before and behind a place; all of it is before where there is none.</summary>
    private static (string Before, string Behind) Split(string text, int at) => at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);

    private static string Decoded(string text, string what)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
                throw Invalid(what, "a '%' is not followed by two hexadecimal digits; a percent sign itself is written %25");
        }

        return Uri.UnescapeDataString(text);
    }

    private DatabaseAddress Checked(string what)
    {
        var whole = this with { Host = Host.Length == 0 ? "localhost" : Host };
        Require(whole.User, TextRule.Identifier, "user");
        Require(whole.Database, TextRule.Identifier, "database");
        Require(whole.Host, TextRule.Any, "host");
        return whole;

        void Require(string text, TextRule rule, string part)
        {
            if (!rule.Holds(text))
                throw Invalid(what, $"its {part} is {(text.Length == 0 ? "missing" : $"not {rule.Expected}")}; expected '{Form}'");
        }
    }

    private static CdcException Invalid(string what, string found) => new(ErrorCodes.SetupAnswerInvalid, $"Reading the {what}, {found}.");
}

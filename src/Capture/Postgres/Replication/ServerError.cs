using System.Text;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// The fields of an ErrorResponse or NoticeResponse that are looked at (protocol chapter "Error and Notice Message Fields",
/// PostgreSQL 14 to 18). Fields the server may add later are passed over, as the protocol asks.
/// </summary>
/// <param name="Severity">Not localised: <c>ERROR</c>, <c>FATAL</c>, <c>PANIC</c>, or of a notice <c>WARNING</c> and below.</param>
/// <param name="SqlState">Five characters; the only field that code decides by.</param>
/// <param name="Message">The primary message, in the server's language.</param>
internal sealed record ServerError(string Severity, string SqlState, string Message)
{
    public static ServerError Parse(ReadOnlySpan<byte> body)
    {
        var (severity, sqlState, message) = ("", "", "");
        while (body.Length > 1 && body[0] != 0)
        {
            var end = body.IndexOf((byte)0);
            if (end < 0)
                break;
            var value = body[1..end];
            switch ((char)body[0])
            {
                case 'V':
                    severity = Encoding.UTF8.GetString(value);
                    break;
                case 'C':
                    sqlState = Encoding.UTF8.GetString(value);
                    break;
                case 'M':
                    message = Encoding.UTF8.GetString(value);
                    break;
            }

            body = body[(end + 1)..];
        }

        return new ServerError(severity, sqlState, message);
    }
}

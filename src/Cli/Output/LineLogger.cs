using System.Globalization;
using System.Text.Json.Nodes;
using Cdc.Contracts.Errors;
using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Output;

internal sealed class LineLogger(Action<string> write, OutputFormat format, TimeProvider clock) : ILogger
{
    private const string Template = "{OriginalFormat}";

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var message = formatter(state, exception);
        var fields = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
        write(format == OutputFormat.Json
            ? JsonLines.Of(AsJson(logLevel, eventId, message, fields, exception))
            : Terminal.Plain(AsText(logLevel, message, exception)));
    }

    private string AsText(LogLevel level, string message, Exception? exception) =>
        clock.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture) + $" {WordOf(level),-5} {message}" + exception switch
        {
            null => "",
            CdcException error => " " + error.Describe(),
            _ => "\n" + exception,
        };

    private JsonObject AsJson(
        LogLevel level, EventId id, string message, IReadOnlyList<KeyValuePair<string, object?>> fields, Exception? exception)
    {
        var line = new JsonObject
        {
            ["time"] = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
            ["level"] = WordOf(level),
            ["event"] = id.Name ?? id.Id.ToString(CultureInfo.InvariantCulture),
            ["message"] = message,
        };
        if (exception is not null)
        {
            line["code"] = (exception as CdcException)?.Code.ToString() ?? ErrorCodes.Internal.ToString();
            line["error"] = exception is CdcException ? exception.Message : exception.ToString();
        }

        var named = new JsonObject();
        foreach (var (name, value) in fields.Where(field => field.Key != Template))
            named[name] = AsJson(value);
        if (named.Count > 0)
            line["fields"] = named;
        return line;
    }

    /// <summary>Numbers stay numbers; everything else is its text, which of a secret is stars (Invariant 8).</summary>
    private static JsonValue? AsJson(object? value) => value switch
    {
        null => null,
        bool yes => JsonValue.Create(yes),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number when double.IsFinite(number) => JsonValue.Create(number),
        _ => JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };

    private static string WordOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        LogLevel.Critical => "fatal",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Not a level of an event."),
    };
}

using Microsoft.Extensions.Logging;

namespace Cdc.Cli.Output;

/// <summary>Writes what happens, one line an event: for people in text, for programs in JSON.</summary>
internal sealed class LineLoggerProvider(Action<string> write, OutputFormat format, TimeProvider clock) : ILoggerProvider
{
    private readonly Lock gate = new();

    public ILogger CreateLogger(string categoryName) => new LineLogger(WriteLine, format, clock);

    public void Dispose()
    {
    }

    private void WriteLine(string line)
    {
        lock (gate)
            write(line);
    }
}

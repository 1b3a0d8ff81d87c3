using Cdc.Cli.Output;
using Cdc.Contracts.Errors;

namespace Cdc.Cli.Setup;

/// <summary>Asks a person at a terminal. What is not understood is said, and asked again.</summary>
internal sealed class Questions(Terminal terminal)
{
    /// <summary>An answer; nothing typed is the usual one, where there is one.</summary>
    /// <param name="question">Without a colon.</param>
    /// <param name="usual">Shown in brackets; null where something has to be typed.</param>
    /// <param name="read">Makes of it what is meant; throws <c>CDC-1043</c> where it is not understood.</param>
    public async Task<T> AskAsync<T>(string question, string? usual, Func<string, T> read)
    {
        while (true)
        {
            await WriteAsync($"{question}{(usual is null ? "" : $" [{usual}]")}: ");
            var typed = (await LineAsync()).Trim();
            if (typed.Length == 0 && usual is null)
                continue;
            try
            {
                return read(typed.Length == 0 ? usual! : typed);
            }
            catch (CdcException error) when (error.Code == ErrorCodes.SetupAnswerInvalid)
            {
                await WriteAsync($"  {error.Message}\n");
            }
        }
    }

    /// <summary>A secret, which the terminal does not show; null where nothing was typed.</summary>
    public async Task<string?> AskHiddenAsync(string question)
    {
        await WriteAsync($"{question}: ");
        var typed = terminal.ReadHidden is { } read ? read() : await LineAsync();
        if (terminal.ReadHidden is not null)
            await WriteAsync("\n");
        return string.IsNullOrEmpty(typed) ? null : typed;
    }

    public async Task<bool> AgreesAsync(string question)
    {
        await WriteAsync($"{question} [Y/n]: ");
        return (await LineAsync()).Trim().ToUpperInvariant() is "" or "Y" or "YES";
    }

    private async Task<string> LineAsync() => await terminal.In!.ReadLineAsync()
        ?? throw new CdcException(ErrorCodes.SetupNobodyToAsk,
            "Asking for what a configuration needs, the input ended before all was answered; nothing was written.");

    private async Task WriteAsync(string text)
    {
        await terminal.Out.WriteAsync(Terminal.Plain(text));
        await terminal.Out.FlushAsync();
    }
}

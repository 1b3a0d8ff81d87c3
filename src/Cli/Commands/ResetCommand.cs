using System.Text.Json.Nodes;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Remote;
using Cdc.Contracts.Errors;
using Cdc.Control;
using Cdc.Transport;

namespace Cdc.Cli.Commands;

/// <summary>Whether somebody must agree before anything is forgotten.</summary>
internal enum ResetConsent
{
    /// <summary>The installation's name has to be typed.</summary>
    Asked,

    /// <summary>Given on the command line.</summary>
    Given,
}

/// <summary>What a reset does about sources and targets that do not answer.</summary>
internal enum ResetReach
{
    /// <summary>All must answer, else nothing is touched.</summary>
    Everything,

    /// <summary>Those that do not answer are left as they are.</summary>
    WhatAnswers,
}

/// <summary>
/// <c>cdc reset FILE</c>: forgets slots, ledgers and the log, in this order, so that the next run starts over and reads every table again.
/// Broken off in between, it is called again: each step finds what the one before left, and the log, whose checkpoint stops a run, goes
/// last.
/// </summary>
internal sealed class ResetCommand(Terminal terminal, OutputFormat format)
{
    public async Task<int> RunAsync(string file, ResetConsent consent, ResetReach reach)
    {
        var options = ConfigurationFile.Load(file);
        using var shutdown = new Shutdown();
        var folder = options.Log.Embedded.Path;
        using var log = EmbeddedLogErasure.Hold(folder);
        if (consent == ResetConsent.Asked)
            await AskAsync(options.Name);
        var parts = await ProbeAsync(ResetPart.Of(options, log.LogId), reach, shutdown.Asked);
        foreach (var part in parts)
            Tell(part.Name, await part.RunAsync(shutdown.Asked));
        var files = log.Erase();
        InstanceAddress.Delete(folder);
        Tell("log", FormattableString.Invariant($"'{folder}' is emptied of the log ({files} files)."));
        return ExitCode.Stopped;
    }

    private async Task AskAsync(string name)
    {
        if (terminal.In is not { } input)
            throw new CdcException(ErrorCodes.ResetNotConfirmed,
                $"Resetting '{name}', there is no terminal to ask at, and '--yes' was expected.");
        await terminal.Out.WriteLineAsync(
            $"This drops the slots of '{name}' and empties its log: what was not applied yet is lost, and every table is read again at " +
            "the next start.");
        await terminal.Out.WriteAsync($"Type the installation's name, '{name}', to continue: ");
        await terminal.Out.FlushAsync();
        if (!string.Equals((await input.ReadLineAsync())?.Trim(), name, StringComparison.Ordinal))
            throw new CdcException(ErrorCodes.ResetNotConfirmed,
                $"Resetting '{name}', something else was typed than its name; nothing was changed.");
    }

    /// <summary>Those that answer; all that do not are told at once.</summary>
    private async Task<IReadOnlyList<ResetPart>> ProbeAsync(
        IReadOnlyList<ResetPart> parts, ResetReach reach, CancellationToken cancellationToken)
    {
        var answering = new List<ResetPart>();
        var silent = new List<Exception>();
        foreach (var part in parts)
        {
            try
            {
                await part.ProbeAsync(cancellationToken);
                answering.Add(part);
            }
            catch (CdcException error) when (reach == ResetReach.WhatAnswers)
            {
                Tell(part.Name, $"It is left unchanged: {error.Code} {error.Message}");
            }
            catch (CdcException error)
            {
                silent.Add(error);
            }
        }

        return silent.Count == 0 ? answering : throw new AggregateException(
        [
            .. silent,
            new CdcException(ErrorCodes.ResetIncomplete,
                $"Resetting, {string.Join(" and ", parts.Except(answering).Select(part => part.Name))} did not answer; nothing was " +
                "changed."),
        ]);
    }

    private void Tell(string part, string done) => terminal.Out.WriteLine(
        format == OutputFormat.Json ? JsonLines.Of(new JsonObject { ["part"] = part, ["done"] = done })
            : Terminal.Plain($"{part}: {done}"));
}

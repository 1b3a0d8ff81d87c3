using System.CommandLine;
using System.CommandLine.Invocation;
using Cdc.Capture;
using Cdc.Capture.Requests;
using Cdc.Cli.Commands;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Setup;
using Cdc.Contracts.Errors;
using Cdc.Control.Commands;
using Cdc.Hosting;

namespace Cdc.Cli;

/// <summary>The commands there are, and what every one of them does about errors.</summary>
/// <param name="open">Makes what <c>run</c> runs.</param>
internal sealed class CommandLine(Terminal terminal, InstallationFactory open)
{
    private readonly Option<string> output = Output();
    private readonly Argument<string> file = new("FILE") { Description = "The configuration, a YAML file." };

    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var root = Root();
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            var faults = arguments.Count == 0
                ? $"No command was found; expected one of '{string.Join("', '", root.Subcommands.Select(command => command.Name))}'."
                : string.Join(" ", parsed.Errors.Select(error => error.Message));
            var format = parsed.GetResult(output) is { Errors: var errors } && !errors.Any() ? FormatOf(parsed) : OutputFormat.Text;
            ErrorReport.Write(new CdcException(ErrorCodes.CommandLineInvalid, faults), format, terminal);
            return ExitCode.Configuration;
        }

        // Signals are the run command's own matter.
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    private static Option<string> Output()
    {
        var option = new Option<string>("--output")
        {
            Description = "How results are written: for people or, one object a line, for programs.",
            Recursive = true,
            DefaultValueFactory = _ => "text",
        };
        return option.AcceptOnlyFromAmong("text", "json");
    }

    private RootCommand Root()
    {
        var root = new RootCommand("Change data capture from databases into warehouse tables.") { output };
        root.Add(Init());
        root.Add(Run(open));
        root.Add(Check());
        root.Add(Status());
        root.Add(Topics());
        root.Add(Resync());
        root.Add(Reset());
        root.Add(Explain());
        root.Add(Version());
        return root;
    }

    private Command Run(InstallationFactory factory)
    {
        var untilCaughtUp = new Option<bool>(
            "--until-caught-up") { Description = "End when everything is applied that the sources held at the start." };
        var timeout = new Option<string?>(
            "--timeout") { Description = "With '--until-caught-up': stop after this time, such as 30m, with exit code 3." };
        var reload = new Option<bool>(
            "--reload") { Description = "Read the tables of sources with 'snapshot.mode: only' again, for full loads by a scheduler." };
        var command = new Command("run", "Run capture and sinks in this process.") { file, untilCaughtUp, timeout, reload };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(timeout) is not { } text)
                return;
            if (!Units.TryDuration(text, out var value) || value <= TimeSpan.Zero)
                parsed.AddError($"'--timeout {text}' was found; expected a duration such as 30s, 10m or 2h.");
            else if (!parsed.GetValue(untilCaughtUp))
                parsed.AddError("'--timeout' was found without '--until-caught-up'.");
        });
        return Doing(command, parsed => new RunCommand(terminal, factory).RunAsync(
            parsed.GetRequiredValue(file), parsed.GetValue(untilCaughtUp) ? RunUntil.CaughtUp : RunUntil.Stopped,
            parsed.GetValue(reload) ? ReloadPolicy.Again : ReloadPolicy.Never, FormatOf(parsed),
            Units.TryDuration(parsed.GetValue(timeout) ?? "", out var limit) ? limit : null));
    }

    private Command Check()
    {
        var offline = new Option<bool>("--offline") { Description = "Check only the file, not what it names." };
        return Doing(
            new Command("check", "Report everything that is wrong in a configuration, and in the servers and folders that it names.")
            {
                file, offline,
            },
            parsed => CheckCommand.RunAsync(
                parsed.GetRequiredValue(file), parsed.GetValue(offline) ? CheckReach.File : CheckReach.Surroundings, terminal,
                FormatOf(parsed)));
    }

    private Command Status() => Doing(
        new Command("status", "Show how the process that runs a configuration is doing.") { file },
        parsed => StatusCommand.RunAsync(parsed.GetRequiredValue(file), terminal, FormatOf(parsed)));

    private Command Resync()
    {
        var tables = new Argument<string[]>("TABLE")
        {
            Description = "Tables as schema.table, or patterns ('public.*').", Arity = ArgumentArity.ZeroOrMore,
        };
        var all = new Option<bool>(
            "--all") { Description = "Every table. If changes are missing, this acknowledges the gap and starts again." };
        var source = new Option<string?>("--source") { Description = "The source's name; without it every source that has such tables." };
        var command = new Command("resync",
            "Read tables again, beside the stream. A running process does it at once, otherwise the next run does it.")
        {
            file, tables, all, source,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(all) == (parsed.GetValue(tables) is { Length: > 0 }))
                parsed.AddError("Expected tables, or '--all'.");
        });
        return Doing(command, parsed => new ResyncCommand(terminal, FormatOf(parsed)).RunAsync(
            parsed.GetRequiredValue(file),
            new ResyncArguments(parsed.GetValue(all) ? [ResyncRequest.All] : parsed.GetRequiredValue(tables), parsed.GetValue(source))));
    }

    private Command Reset()
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var offline = new Option<bool>("--offline") { Description = "Leave sources and targets that do not answer unchanged." };
        var command = new Command("reset", "Delete slots, log and the progress of sinks, so that the next run starts from nothing.")
        {
            file, yes, offline,
        };
        return Doing(command, parsed => new ResetCommand(terminal, FormatOf(parsed)).RunAsync(
            parsed.GetRequiredValue(file),
            parsed.GetValue(yes) ? ResetConsent.Given : ResetConsent.Asked,
            parsed.GetValue(offline) ? ResetReach.WhatAnswers : ResetReach.Everything));
    }

    private Command Init()
    {
        var target = new Argument<string?>("FILE") { Description =
            "The file to write; without it NAME.yaml. An existing file is never overwritten.", Arity = ArgumentArity.ZeroOrOne };
        var source = new Option<string?>(
            "--source") { Description =
            $"The database to capture, as {DatabaseAddress.Form}; its password comes from {SetupAnswers.SourceVariable}, or is asked " +
            "for." };
        var to = new Option<string?>("--target") { Description =
            $"Where changes go: duckdb:FILE, or {DatabaseAddress.Form} with a password from {SetupAnswers.TargetVariable}." };
        var tables = new Option<string[]>(
            "--tables") { Description = "Patterns over schema.table, with commas between; without it all tables." };
        var name = new Option<string?>("--name") { Description = "The installation's name; without it the database's." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask. Use the default for what is not given." };
        var command = new Command("init", "Look at a database and write a configuration for it.") { target, source, to, tables, name, yes };
        return Doing(command,
            parsed => new InitCommand(terminal, FormatOf(parsed), Environment.GetEnvironmentVariable).RunAsync(new InitGiven(
            parsed.GetValue(target), parsed.GetValue(source), parsed.GetValue(to), parsed.GetValue(tables) ?? [], parsed.GetValue(name),
            parsed.GetValue(yes) ? InitConsent.Given : InitConsent.Asked)));
    }

    private Command Topics()
    {
        var topic = new Argument<string?>("TOPIC")
        {
            Description = "A topic, or its table as the source spells it; without it all are listed.", Arity = ArgumentArity.ZeroOrOne,
        };
        var from = new Option<long?>("--from") { Description = "The offset to start at. Without it the last events are shown." };
        var partition = new Option<int?>(
            "--partition") { Description = "One partition of the topic only; '--from' needs it where the topic has several." };
        var limit = new Option<int?>("--limit") { Description = "How many events are shown; without it 20." };
        var command = new Command("topics", "Show the topics of the log, or the events of one, with their rows' values.")
        {
            file, topic, from, partition, limit,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(limit) is < 1 or > TopicsCommand.MostEvents)
                parsed.AddError($"'--limit' is out of range; expected 1 to {TopicsCommand.MostEvents}.");
            if (parsed.GetValue(topic) is null
                && (parsed.GetResult(from) ?? parsed.GetResult(partition) ?? parsed.GetResult(limit)) is not null)
                parsed.AddError("'--from', '--partition' or '--limit' was found without a topic.");
        });
        return Doing(command, parsed => new TopicsCommand(terminal, FormatOf(parsed)).RunAsync(
            parsed.GetRequiredValue(file), parsed.GetValue(topic), parsed.GetValue(partition), parsed.GetValue(from),
            parsed.GetValue(limit) ?? 20));
    }

    private Command Explain()
    {
        var code = new Argument<string?>("CODE")
        {
            Description = "An error's code, such as CDC-1003; without it all are listed.", Arity = ArgumentArity.ZeroOrOne,
        };
        return Doing(
            new Command("explain", "Explain an error code and what to do.") { code },
            parsed => Task.FromResult(ExplainCommand.Run(parsed.GetValue(code), terminal, FormatOf(parsed))));
    }

    private Command Version() => Doing(
        new Command("version", "Tell the version."), parsed => Task.FromResult(VersionCommand.Run(terminal, FormatOf(parsed))));

    private Command Doing(Command command, Func<ParseResult, Task<int>> action)
    {
        command.SetAction(async parsed =>
        {
            try
            {
                return await action(parsed);
            }
            catch (OperationCanceledException)
            {
                var stopped = new CdcException(ErrorCodes.CommandStopped, $"Command '{command.Name}' was told to stop before it was done.");
                ErrorReport.Write(stopped, FormatOf(parsed), terminal);
                return ExitCode.From(stopped);
            }
            catch (Exception exception)
            {
                ErrorReport.Write(exception, FormatOf(parsed), terminal);
                return ExitCode.From(exception);
            }
        });
        return command;
    }

    private OutputFormat FormatOf(ParseResult parsed) => parsed.GetValue(output) == "json" ? OutputFormat.Json : OutputFormat.Text;
}

using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Cdc.Capture.Postgres.Checks;
using Cdc.Cli.Checks;
using Cdc.Cli.Configuration;
using Cdc.Cli.Output;
using Cdc.Cli.Setup;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;

namespace Cdc.Cli.Commands;

/// <summary>Whether a person is asked.</summary>
internal enum InitConsent
{
    /// <summary>For what was not given, and before the file is written.</summary>
    Asked,

    /// <summary>Nobody is asked; what was not given is the usual.</summary>
    Given,
}

/// <summary>What the command line said; null for what it did not.</summary>
internal sealed record InitGiven(
    string? File, string? Source, string? Target, IReadOnlyList<string> Tables, string? Name, InitConsent Consent);

/// <summary>
/// <c>cdc init [FILE]</c>: looks at a source and writes a configuration for it. Nothing is changed there, and no file is overwritten.
/// </summary>
/// <param name="terminal">Where a person is asked.</param>
/// <param name="format">Of what is told; programs are not asked.</param>
/// <param name="environment">Where passwords may stand.</param>
internal sealed class InitCommand(Terminal terminal, OutputFormat format, Func<string, string?> environment)
{
    private const int MostListed = 100;

    private readonly Questions questions = new(terminal);

    /// <summary>Passwords that were typed or given; they are used in this call and never written (Invariant 8).</summary>
    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);

    public async Task<int> RunAsync(InitGiven given)
    {
        if (given.File is { } path)
            RequireFree(path);
        var asks = terminal.In is not null && format == OutputFormat.Text && given.Consent == InitConsent.Asked;
        if (!asks && (given.Source is null || (given.Target is null && given.Consent == InitConsent.Asked)))
            throw new CdcException(ErrorCodes.SetupNobodyToAsk,
                $"Making a configuration, '{(given.Source is null ? "--source" : "--target")}' was not given, and there is no terminal " +
                "to ask at.");
        var source = given.Source is { } url ? DatabaseAddress.Parse(url, "source")
            : await questions.AskAsync($"Source, as {DatabaseAddress.Form}", null, text => DatabaseAddress.Parse(text, "source"));
        var variables = new HashSet<string>(StringComparer.Ordinal);
        await FindPasswordAsync(source, SetupAnswers.SourceVariable, asks, variables);
        var usualName = given.Name ?? SetupAnswers.NameFrom(source.Database);
        var answers = new SetupAnswers(SetupAnswers.CheckedName(usualName), source,
            new SetupTarget(null, "./unused.duckdb")) { Variables = variables };
        var found = await LookAsync(answers);
        await ListAsync(source, found);
        var tables = await ChooseTablesAsync(given, asks, found);
        var usualTarget = $"duckdb:./{answers.Name}.duckdb";
        var target = given.Target is { } to ? SetupTarget.Parse(to)
            : asks ? await questions.AskAsync($"Target, as duckdb:FILE or {DatabaseAddress.Form}", usualTarget, SetupTarget.Parse)
            : SetupTarget.Parse(usualTarget);
        if (target.Database is { } database)
            await FindPasswordAsync(database, SetupAnswers.TargetVariable, asks, variables);
        answers = answers with { Target = target, Tables = tables };
        return await FinishAsync(answers, given.File ?? $"{answers.Name}.yaml", found, asks);
    }

    private static void RequireFree(string file)
    {
        if (Path.Exists(file))
            throw new CdcException(ErrorCodes.SetupFileThere,
                $"Making a configuration, '{file}' was found to be there already; nothing was written.");
    }

    private async Task FindPasswordAsync(DatabaseAddress database, string variable, bool asks, HashSet<string> variables)
    {
        var password = database.Password?.Reveal();
        if (password is null && string.IsNullOrEmpty(environment(variable)) && asks)
            password = await questions.AskHiddenAsync(
                $"Password of '{database.User}' (empty: none is needed; it is not written into the file)");
        if (password is not null)
            secrets[variable] = password;
        if (password is not null || !string.IsNullOrEmpty(environment(variable)))
            variables.Add(variable);
    }

    private string? Variable(string name) => secrets.GetValueOrDefault(name) ?? environment(name);

    private InstallationOptions Bind(SetupAnswers answers, IReadOnlyList<CheckedTable> excluded, string file, out string text)
    {
        text = ConfigurationText.Of(answers, excluded, file);
        return ConfigurationFile.Bind(text, file, new Binding(Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/", Variable));
    }

    /// <summary>A source that does not answer ends the command: nothing could be said of its tables.</summary>
    private async Task<ImmutableArray<CheckedTable>> LookAsync(SetupAnswers answers)
    {
        var options = Bind(answers, [], $"{answers.Name}.yaml", out _);
        var found = await SourceCheck.RunAsync(options.Sources[0], TimeProvider.System, CancellationToken.None);
        return found.SystemIdentifier.Length > 0
            || found.Findings.LastOrDefault(finding => finding.Level == FindingLevel.Fault) is not { } fault
            ? found.Found
            : throw new CdcException(fault.Code ?? ErrorCodes.Internal, $"{fault.Message}. Nothing was written.");
    }

    private async Task ListAsync(DatabaseAddress source, ImmutableArray<CheckedTable> tables)
    {
        if (format == OutputFormat.Json)
            return;
        var count = FormattableString.Invariant($"{tables.Length} table{(tables.Length == 1 ? "" : "s")}{(tables.IsEmpty ? "." : ":")}");
        await terminal.Out.WriteLineAsync(Terminal.Visible(
            FormattableString.Invariant($"Database '{source.Database}' at {source.Host}:{source.Port} has {count}")));
        if (tables.IsEmpty)
            return;
        var more = tables.Length > MostListed ? FormattableString.Invariant($"and {tables.Length - MostListed} more\n") : "";
        await terminal.Out.WriteAsync($"\n{FoundTables.AsText([.. tables.Take(MostListed)])}{more}\n");
    }

    private async Task<IReadOnlyList<string>> ChooseTablesAsync(InitGiven given, bool asks, ImmutableArray<CheckedTable> found)
    {
        if (given.Tables.Count > 0)
            return SetupAnswers.CheckedTables(given.Tables);
        var usual = FoundTables.Patterns(found);
        return asks && usual.Count > 0 && !usual.Any(pattern => pattern.Contains(',', StringComparison.Ordinal))
            ? await questions.AskAsync("Tables to capture, as patterns with commas between", string.Join(", ", usual),
                text => SetupAnswers.CheckedTables([text]))
            : usual;
    }

    private async Task<int> FinishAsync(SetupAnswers answers, string file, ImmutableArray<CheckedTable> found, bool asks)
    {
        RequireFree(file);
        var excluded = FoundTables.Faulty(found, answers.Tables).ToList();
        var parts = await Surroundings.CheckAsync(Bind(answers, excluded, file, out var text), CancellationToken.None);
        var faults = parts.Sum(part => part.Findings.Count(finding => finding.Level == FindingLevel.Fault));
        if (format == OutputFormat.Text)
            await terminal.Out.WriteAsync($"{Told(excluded)}{CheckReport.AsText(parts, terminal.IsColoured)}\n");
        if (asks && !await questions.AgreesAsync($"Write '{file}'?"))
        {
            await terminal.Out.WriteLineAsync("Nothing was written.");
            return ExitCode.Stopped;
        }

        await WriteAsync(file, text);
        await terminal.Out.WriteLineAsync(format == OutputFormat.Json
            ? JsonLines.Of(AsJson(answers, file, found, excluded, parts))
            : Terminal.Plain(Next(file, faults)));
        return faults == 0 ? ExitCode.Stopped : ExitCode.Surroundings;
    }

    /// <summary>Tables that are left out, each with what would let it in.</summary>
    private static string Told(IReadOnlyList<CheckedTable> excluded) => string.Concat(excluded.Select(table =>
        $"Left out: {Terminal.Visible(table.Id.ToString())}\n{string.Concat(table.Faults.Select(Told))}"));

    private static string Told(Finding fault) =>
        $"  {Terminal.Visible(fault.Message)}\n{(fault.Remedy is { } remedy ? $"    → {Terminal.Visible(remedy)}\n" : "")}";

    private string Next(string file, int faults)
    {
        var passwords = secrets.Count == 0 ? ""
            : $" The file has no password in it: set {string.Join(" and ", secrets.Keys.Order(StringComparer.Ordinal))} in the " +
                "environment before you continue.";
        return faults == 0
            ? $"'{file}' was written.{passwords} Next: cdc run {file}"
            : $"'{file}' was written.{passwords} Fix what is marked ✗ above, then run: cdc check {file}";
    }

    private static async Task WriteAsync(string file, string text)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            await using var writer = new StreamWriter(stream);
            await writer.WriteAsync(text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            RequireFree(file);
            throw new CdcException(ErrorCodes.SetupFileUnwritable,
                $"Writing the configuration '{file}', it could not be made: {error.Message.TrimEnd('.')}.", error);
        }
    }

    private static JsonObject AsJson(
        SetupAnswers answers, string file, ImmutableArray<CheckedTable> found, IReadOnlyList<CheckedTable> excluded,
        IReadOnlyList<CheckedPart> parts) => new()
    {
        ["file"] = file,
        ["name"] = answers.Name,
        ["tables"] = new JsonArray([.. found.Select(table => new JsonObject
        {
            ["table"] = table.Id.ToString(),
            ["rows"] = table.Rows,
            ["bytes"] = table.Bytes,
            ["key"] = new JsonArray([.. table.Key.Select(column => JsonValue.Create(column))]),
            ["leftOut"] = excluded.Contains(table),
        })]),
        ["findings"] = CheckReport.AsJson(parts),
    };
}

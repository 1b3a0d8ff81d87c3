using System.Text;
using Cdc.Capture.Postgres.Checks;
using Cdc.Cli.Output;

namespace Cdc.Cli.Setup;

/// <summary>Writes a configuration that people can read and continue with.</summary>
internal static class ConfigurationText
{
    private static readonly HashSet<string> Words = new(["null", "true", "false", "yes", "no", "on", "off", "y", "n"],
        StringComparer.OrdinalIgnoreCase);

    /// <param name="answers">What it is made of.</param>
    /// <param name="excluded">Tables that cannot be captured as they are.</param>
    /// <param name="file">Where it will lie; paths in it are relative to that.</param>
    public static string Of(SetupAnswers answers, IReadOnlyList<CheckedTable> excluded, string file)
    {
        var text = new StringBuilder();
        text.Append($"""
            # Captures database {Comment(answers.Source.Database)}. Look at it with 'cdc check', start it with 'cdc run'.
            # Every key is described in docs/configuration.md.
            name: {Quoted(answers.Name)}

            # Changes wait here between capture and sinks, as topics; 'cdc topics' shows them.
            # Keep them for longer than the longest time a sink may be down.
            log:
              embedded:
                path: {Quoted($"./{answers.Name}/log")}
                retentionAge: 7d

            sources:
              {Quoted(answers.Name)}:
                postgres:

            """.ReplaceLineEndings("\n"));
        AppendDatabase(text, answers.Source, SetupAnswers.SourceVariable, answers.Variables);
        if (answers.Name.Contains('-', StringComparison.Ordinal))
            text.Append($"      slot: {Quoted(answers.Name.Replace('-', '_'))}   # a slot's name has no '-'\n");
        text.Append("      create: true   # create slot and publication if they are missing\n");
        AppendTables(text, answers.Tables, excluded);
        text.Append(
            "\n# Each sink keeps its target equal to the source: one row per key. Tables are created and columns added " +
            "automatically.\nsinks:\n  warehouse:\n");
        AppendTarget(text, answers, file);
        text.Append($"""

            # Health, metrics and the status page, on this machine only. Without a port: 8083 or the next free one.
            http:
              bind: 127.0.0.1

            """.ReplaceLineEndings("\n"));
        return text.ToString();
    }

    private static void AppendDatabase(StringBuilder text, DatabaseAddress database, string variable, IReadOnlySet<string> variables)
    {
        text.Append($"      host: {Quoted(database.Host)}\n");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"      port: {database.Port}\n");
        text.Append($"      database: {Quoted(database.Database)}\n      user: {Quoted(database.User)}\n");
        text.Append(variables.Contains(variable)
            ? $"      password: ${{env:{variable}}}   # or ${{file:/run/secrets/password}}\n"
            : $"      # password: ${{env:{variable}}}   # or ${{file:/run/secrets/password}}; none was needed so far\n");
        text.Append(database.TlsMode is { } mode
            ? $"      tls: {{ mode: {mode} }}\n"
            : "      # tls: { mode: verify-full, ca: ./ca.pem }   # if somebody could listen in between\n");
    }

    private static void AppendTables(StringBuilder text, IReadOnlyList<string> patterns, IReadOnlyList<CheckedTable> excluded)
    {
        if (patterns.Count == 0 && excluded.Count == 0)
        {
            text.Append("    # tables: [ \"public.*\", \"!public.tmp_*\" ]   # without this key: all tables\n");
            return;
        }

        text.Append("    tables:   # 'schema.table', '*' for any characters, '!' before it to exclude\n");
        foreach (var pattern in patterns)
            text.Append($"      - {Quoted(pattern, always: true)}\n");
        if (excluded.Count > 0)
            text.Append("      # Excluded until the fault above each line is fixed. Then delete the line.\n");
        foreach (var table in excluded)
        {
            foreach (var fault in table.Faults)
                text.Append($"      # {Comment($"{fault.Message}{(fault.Remedy is { } remedy ? $": {remedy}" : "")}")}\n");
            text.Append($"      - {Quoted(FoundTables.Exclusion(table), always: true)}\n");
        }
    }

    private static void AppendTarget(StringBuilder text, SetupAnswers answers, string file)
    {
        if (answers.Target.Database is { } database)
        {
            text.Append("    postgres:\n");
            AppendDatabase(text, database, SetupAnswers.TargetVariable, answers.Variables);
        }
        else
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";
            var path = answers.Target.DuckDbPath!;
            var relative = Path.IsPathFullyQualified(path) ? path
                : "./" + Path.GetRelativePath(folder, Path.GetFullPath(path)).Replace('\\', '/');
            text.Append($"    duckdb:\n      path: {Quoted(relative)}\n");
        }

        text.Append($"    subscribe: [ {Quoted(answers.Name + ".*", always: true)} ]\n");
        text.Append("    # target: { schema: \"{schema}\", table: \"{table}\" }   # which table of the target a topic goes to\n");
    }

    /// <summary>
    /// A value as YAML reads it back: plain where nothing in it means anything, else in quotes; a dollar sign begins no reference.
    /// </summary>
    private static string Quoted(string value, bool always = false)
    {
        if (!always && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '/' or '-')
            && char.IsAsciiLetter(value.TrimStart('.', '/').FirstOrDefault()) && !Words.Contains(value))
            return value;
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '$' => "$$",
                _ when Terminal.Visible(c.ToString()) != c.ToString() && !char.IsSurrogate(c) => $"\\u{(int)c:X4}",
                _ => c.ToString(),
            });
        }

        return text.Append('"').ToString();
    }

    private static string Comment(string text) => Terminal.Visible(text);
}

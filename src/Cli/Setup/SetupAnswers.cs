using System.Text;
using Cdc.Contracts.Errors;
using Cdc.Hosting;

namespace Cdc.Cli.Setup;

/// <summary>Where changes go.</summary>
/// <param name="Database">A PostgreSQL database; null for a file.</param>
/// <param name="DuckDbPath">A DuckDB file, relative to where the command was called; null for a database.</param>
internal sealed record SetupTarget(DatabaseAddress? Database, string? DuckDbPath)
{
    private const string DuckDbPrefix = "duckdb:";

    /// <summary>Throws <c>CDC-1043</c>.</summary>
    public static SetupTarget Parse(string text)
    {
        if (!text.StartsWith(DuckDbPrefix, StringComparison.Ordinal))
        {
            return DatabaseAddress.Fits(text)
                ? new SetupTarget(DatabaseAddress.Parse(text, "target"), null)
                : throw new CdcException(ErrorCodes.SetupAnswerInvalid,
                    $"Reading the target, something else was found than 'duckdb:FILE' or '{DatabaseAddress.Form}'.");
        }

        var path = text[DuckDbPrefix.Length..];
        return TextRule.Any.Holds(path)
            ? new SetupTarget(null, path)
            : throw new CdcException(ErrorCodes.SetupAnswerInvalid,
                "Reading the target, a DuckDB file was found without a path, or with control characters in it; expected such as " +
                "'duckdb:./shop.duckdb'.");
    }
}

/// <summary>What a configuration is made of.</summary>
/// <param name="Name">The installation's and the source's.</param>
/// <param name="Source">The database to capture.</param>
/// <param name="Target">Where changes go.</param>
internal sealed record SetupAnswers(string Name, DatabaseAddress Source, SetupTarget Target)
{
    /// <summary>The variable that holds the source's password, as PostgreSQL's own programs have it.</summary>
    public const string SourceVariable = "PGPASSWORD";

    /// <summary>The variable that holds the target's password.</summary>
    public const string TargetVariable = "TARGET_PASSWORD";

    /// <summary>Which variables hold passwords; the file refers to these and to no other.</summary>
    public required IReadOnlySet<string> Variables { get; init; }

    /// <summary>Patterns over tables; empty for all.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>A name that installations may have, nearest to a database's.</summary>
    public static string NameFrom(string database)
    {
        var name = new StringBuilder();
        foreach (var c in database.ToLowerInvariant())
            name.Append(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '_');
        var text = name.ToString().Trim('_');
        return text.Length == 0 ? "source" : text[..Math.Min(text.Length, 63)];
    }

    /// <summary>Throws <c>CDC-1043</c> where a name or a pattern is not what the configuration takes.</summary>
    public static string CheckedName(string name) => TextRule.Name.Holds(name)
        ? name
        : throw new CdcException(ErrorCodes.SetupAnswerInvalid,
            $"Reading the name, '{name}' was found; expected {TextRule.Name.Expected}.");

    /// <summary>As <see cref="CheckedName"/>, for patterns over tables, with commas between.</summary>
    public static IReadOnlyList<string> CheckedTables(IEnumerable<string> given)
    {
        var patterns = given.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Distinct(StringComparer.Ordinal).ToList();
        return patterns.Find(pattern => !TextRule.TablePattern.Holds(pattern)) is { } wrong
            ? throw new CdcException(ErrorCodes.SetupAnswerInvalid,
                $"Reading the tables, '{wrong}' was found; expected {TextRule.TablePattern.Expected}.")
            : patterns;
    }
}

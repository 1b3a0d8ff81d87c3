using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Cdc.Cli.Output;
using Cdc.Contracts.Checks;

namespace Cdc.Cli.Checks;

/// <summary>What a check found, as aligned lines or as JSON.</summary>
internal static class CheckReport
{
    private const int WidestSubject = 36;

    public static string AsText(IReadOnlyList<CheckedPart> parts, bool isColoured)
    {
        var width = Math.Min(WidestSubject,
            parts.SelectMany(part => part.Findings).Select(finding => finding.Subject.Length).DefaultIfEmpty().Max());
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append('\n').Append(Terminal.Plain($"{part.Role}{(part.Name.Length == 0 ? "" : $" '{part.Name}'")}  {part.Place}"))
                .Append('\n');
            foreach (var finding in part.Findings)
                Append(text, finding, width, isColoured);
        }

        return text.Append('\n').Append(Summary(parts)).Append('\n').ToString();
    }

    public static JsonArray AsJson(IReadOnlyList<CheckedPart> parts) =>
    [
        .. parts.SelectMany(part => part.Findings.Select(finding => new JsonObject
        {
            ["role"] = part.Role,
            ["name"] = part.Name,
            ["level"] = finding.Level.ToString().ToLowerInvariant(),
            ["subject"] = finding.Subject,
            ["message"] = finding.Message,
            ["remedy"] = finding.Remedy,
            ["code"] = finding.Code?.ToString(),
        })),
    ];

    private static void Append(StringBuilder text, Finding finding, int width, bool isColoured)
    {
        text.Append("  ").Append(Mark(finding.Level, isColoured)).Append(' ').Append(Terminal.Plain(finding.Subject).PadRight(width))
            .Append("  ")
            .Append(Terminal.Plain(finding.Message)).Append(finding.Code is { } code ? $" ({code})" : "").Append('\n');
        if (finding.Remedy is { } remedy)
            text.Append(' ', width + 6).Append("→ ").Append(Terminal.Plain(remedy)).Append('\n');
    }

    private static string Mark(FindingLevel level, bool isColoured)
    {
        var (mark, colour) = level switch
        {
            FindingLevel.Good => ("✓", "32"),
            FindingLevel.Warning => ("!", "33"),
            FindingLevel.Fault => ("✗", "31"),
            _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Not a level."),
        };
        return isColoured ? $"\e[{colour}m{mark}\e[0m" : mark;
    }

    private static string Summary(IReadOnlyList<CheckedPart> parts)
    {
        var findings = parts.SelectMany(part => part.Findings).ToList();
        var faults = findings.Count(finding => finding.Level == FindingLevel.Fault);
        var warnings = findings.Count(finding => finding.Level == FindingLevel.Warning);
        var verdict = faults > 0 ? Count(faults, "fault") : "Everything that a run needs is there";
        return $"{verdict}{(warnings > 0 ? $", {Count(warnings, "warning")}" : "")}.";
    }

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}

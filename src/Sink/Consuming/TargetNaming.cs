using System.Text.RegularExpressions;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Consuming;

/// <summary>
/// Fills the templates that name a target table, in one pass: a name that itself reads like a placeholder stays as it is.
/// </summary>
public sealed partial class TargetNaming(string schemaTemplate, string tableTemplate)
{
    public TargetName Resolve(SourceTableName source) => new(Fill(schemaTemplate, source), Fill(tableTemplate, source));

    private static string Fill(string template, SourceTableName source) => Placeholder().Replace(template, match => match.Value switch
    {
        "{schema}" => source.Schema,
        "{table}" => source.Table,
        "{source}" => source.Source,
        _ => source.Database,
    });

    [GeneratedRegex(@"\{(schema|table|source|database)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}

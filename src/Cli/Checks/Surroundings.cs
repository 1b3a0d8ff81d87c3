using Cdc.Capture;
using Cdc.Capture.Postgres.Checks;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Selection;
using Cdc.Contracts.Topics;
using Cdc.Sink;
using Cdc.Sink.Consuming;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Sink.Writers.Postgres;

namespace Cdc.Cli.Checks;

/// <summary>
/// Looks at everything that a configuration names: the log's folder, the sources, the targets. It starts nothing and writes nothing.
/// </summary>
internal static class Surroundings
{
    public static async Task<IReadOnlyList<CheckedPart>> CheckAsync(InstallationOptions options, CancellationToken cancellationToken)
    {
        var sources = await Task.WhenAll(options.Sources.Select(async source =>
            (Options: source, Found: await SourceCheck.RunAsync(source, TimeProvider.System, cancellationToken))));
        var sinks = await Task.WhenAll(options.Sinks.Select(sink => CheckAsync(sink, sources, cancellationToken)));
        return
        [
            new CheckedPart("log", "", options.Log.Embedded.Path, LookAtLog(options)),
            .. sources.Select(source => new CheckedPart(
                "source", source.Options.Name,
                FormattableString.Invariant(
                    $"postgres {source.Options.Postgres.Host}:{source.Options.Postgres.Port}/{source.Options.Postgres.Database}"),
                    source.Found.Findings)),
            .. sinks,
        ];
    }

    private static List<Finding> LookAtLog(InstallationOptions options)
    {
        var log = options.Log.Embedded;
        return [.. FolderCheck.Look(log.Path, log.RetentionBytes, ErrorCodes.LogStorageFailed)];
    }

    private static async Task<CheckedPart> CheckAsync(
        SinkOptions sink, (CaptureOptions Options, CheckedSource Found)[] sources, CancellationToken cancellationToken)
    {
        var routes = RoutesOf(sink, sources);
        var metadata = new MetadataColumns(sink.Target.Metadata.Prefix);
        List<Finding> findings = [];
        if (sink.DuckDb is { } duckDb)
        {
            findings.AddRange(FolderCheck.Look(Path.GetDirectoryName(Path.GetFullPath(duckDb.Path))!, most: null,
                ErrorCodes.TargetAccessDenied));
            findings.AddRange(DuckDbTargetCheck.Run(duckDb, metadata));
        }
        else if (sink.Postgres is { } postgres)
        {
            var target = await PostgresTargetCheck.RunAsync(postgres, [.. routes.Select(route => route.Target).Distinct()],
                metadata, cancellationToken);
            var circles = sources.Where(source => target.SystemIdentifier.Length > 0
                && source.Found.SystemIdentifier == target.SystemIdentifier
                && source.Options.Postgres.Database == postgres.Database).Select(source => CircleOf(source.Options, routes)).ToList();
            var captured = circles.SelectMany(circle => circle.Tables).Select(table => $"table '{table}'")
                .ToHashSet(StringComparer.Ordinal);
            findings.AddRange(target.Findings.Where(finding => !captured.Contains(finding.Subject))); // Told once, by the circle.
            findings.AddRange(circles.Where(circle => circle.Tables.Count > 0).Select(Circle));
        }

        findings.AddRange(routes.GroupBy(route => route.Target).Where(group => group.Count() > 1)
            .Select(group => Finding.Fault($"table '{group.Key}'",
            $"{string.Join(" and ", group.Select(route => $"'{route.Table}'"))} would both go there",
            "Tell them apart with '{source}' or '{schema}' in the sink's 'target'.", ErrorCodes.TargetTableTaken)));
        findings.AddRange(routes.SelectMany(route => route.FindTaken(metadata, ignoresCase: sink.DuckDb is not null)));
        if (routes.Count == 0 && sources.Any(source => source.Found.Tables.Length > 0))
            findings.Add(Finding.Warning("subscribe", "no table of the sources is subscribed to",
                "Look at 'subscribe' of the sink: patterns over '<prefix>.<schema>.<table>'."));
        var place = sink.Postgres is { } database
            ? FormattableString.Invariant($"postgres {database.Host}:{database.Port}/{database.Database}") : $"duckdb {sink.DuckDb?.Path}";
        return new CheckedPart("sink", sink.Name, place, findings);
    }

    /// <summary>
    /// Where each table that a sink subscribes to would go. A table may have its topic from before, under another spelling than the present
    /// one.
    /// </summary>
    private static List<Route> RoutesOf(
        SinkOptions sink, (CaptureOptions Options, CheckedSource Found)[] sources)
    {
        var subscription = new Subscription(sink.Subscribe);
        var naming = new TargetNaming(sink.Target.Schema, sink.Target.Table);
        return
        [
            .. from source in sources
               from table in source.Found.Tables
               where Enum.GetValues<TopicSpelling>()
                   .Any(spelling => subscription.Includes(TopicNaming.TopicOf(source.Options.TopicPrefix, table, spelling)))
               let name = new SourceTableName(source.Options.TopicPrefix, source.Options.Postgres.Database, table.Schema, table.Name)
               select new Route(table, naming.Resolve(name), source.Found.Found.FirstOrDefault(found => found.Id == table)?.Shape),
        ];
    }

    /// <summary>Target and source are one database: what is written there must not be captured again.</summary>
    private static (string Source, List<TargetName> Tables) CircleOf(CaptureOptions source, List<Route> routes)
    {
        var selection = TableSelection.OfSource(source.Tables);
        return (source.Name, [.. routes.Select(route => route.Target).Distinct().Where(target => selection.Includes(target.ToString()))]);
    }

    private static Finding Circle((string Source, List<TargetName> Tables) circle)
    {
        var more = circle.Tables.Count > 1 ? FormattableString.Invariant($" and {circle.Tables.Count - 1} more") : "";
        return Finding.Fault("target", $"it is the database of source '{circle.Source}', which would capture '{circle.Tables[0]}'{more}",
            "Give the sink another 'target.schema', and exclude that from the source's 'tables'.", ErrorCodes.TargetIsSource);
    }
}

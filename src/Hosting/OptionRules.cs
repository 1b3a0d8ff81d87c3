using Cdc.Capture;
using Cdc.Capture.Postgres;
using Cdc.Contracts.Errors;
using Cdc.Sink;

namespace Cdc.Hosting;

/// <summary>
/// What the texts of a source's and a sink's options must be. A configuration file is checked where it is read, with its lines. A program
/// that sets the options itself gets the same rules here, and all faults at once.
/// </summary>
internal sealed class OptionRules
{
    private const int LongestShown = 60;

    private readonly List<string> faults = [];

    private OptionRules()
    {
    }

    /// <summary>Throws if a text does not fit.</summary>
    public static void Require(IEnumerable<CaptureOptions> sources, IEnumerable<SinkOptions> sinks)
    {
        var rules = new OptionRules();
        foreach (var source in sources)
            rules.Check(source);
        foreach (var sink in sinks)
            rules.Check(sink);
        if (rules.faults.Count > 0)
        {
            throw new CdcException(
                ErrorCodes.ValueMalformed, $"Putting the captures and sinks of a host together, {string.Join("; ", rules.faults)}.");
        }
    }

    private void Check(CaptureOptions source)
    {
        var owner = $"source '{Shown(source.Name)}'";
        Check(owner, nameof(source.Name), source.Name, TextRule.Name);
        Check(owner, nameof(source.TopicPrefix), source.TopicPrefix, TextRule.Prefix);
        Check(owner, nameof(source.Tables), source.Tables, TextRule.TablePattern);
        Check(owner, nameof(source.Partitions), source.Partitions.Select(partition => partition.Key), TextRule.TopicPattern);
        CheckServer(owner, source.Postgres.Host, source.Postgres.Database, source.Postgres.User);
        Check(owner, nameof(PostgresOptions.Slot), source.Postgres.Slot, TextRule.Slot);
        Check(owner, nameof(PostgresOptions.Publication), source.Postgres.Publication, TextRule.Identifier);
    }

    private void Check(SinkOptions sink)
    {
        var owner = $"sink '{Shown(sink.Name)}'";
        Check(owner, nameof(sink.Name), sink.Name, TextRule.Name);
        if (sink.Installation is { } installation)
            Check(owner, nameof(sink.Installation), installation, TextRule.Name);
        Check(owner, nameof(sink.Subscribe), sink.Subscribe, TextRule.TopicPattern);
        Check(owner, nameof(sink.Target.Schema), sink.Target.Schema, TextRule.Template);
        Check(owner, nameof(sink.Target.Table), sink.Target.Table, TextRule.Template);
        Check(owner, nameof(sink.Target.Metadata.Prefix), sink.Target.Metadata.Prefix, TextRule.MetadataPrefix);
        if (sink.Postgres is { } postgres)
            CheckServer(owner, postgres.Host, postgres.Database, postgres.User);
        if (sink.DuckDb is { } file)
            Check(owner, nameof(file.Path), file.Path, TextRule.Any);
    }

    private void CheckServer(string owner, string host, string database, string user)
    {
        Check(owner, nameof(PostgresOptions.Host), host, TextRule.Any);
        Check(owner, nameof(PostgresOptions.Database), database, TextRule.Identifier);
        Check(owner, nameof(PostgresOptions.User), user, TextRule.Identifier);
    }

    private void Check(string owner, string option, IEnumerable<string> texts, TextRule rule)
    {
        foreach (var text in texts)
            Check(owner, option, text, rule);
    }

    private void Check(string owner, string option, string text, TextRule rule)
    {
        if (!rule.Holds(text))
            faults.Add($"'{option}' of {owner} is '{Shown(text)}'; expected {rule.Expected}");
    }

    private static string Shown(string text)
    {
        var cut = text.Length > LongestShown ? text[..LongestShown] + "..." : text;
        return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }
}

using System.Globalization;
using System.Text;

namespace Cdc.Control.Metrics;

/// <summary>
/// Prometheus' text format 0.0.4 (<c>https://prometheus.io/docs/instrumenting/exposition_formats/</c>): names of <c>[a-zA-Z0-9_]</c>, label
/// values with backslash, quote and line end escaped.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string NameOf(string instrument, MetricKind kind)
    {
        var name = Identifier(instrument);
        return kind == MetricKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary>Labels as they stand between the braces, in order of their names so that one set is one text.</summary>
    public static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var sorted = tags.ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Key, b.Key));
        var text = new StringBuilder();
        foreach (var (name, value) in sorted)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(Identifier(name)).Append("=\"");
            foreach (var c in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            {
                _ = c switch
                {
                    '\\' => text.Append("\\\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append("\\n"),
                    _ => text.Append(c),
                };
            }

            text.Append('"');
        }

        return text.ToString();
    }

    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            text.Append("# HELP ").Append(family.Name).Append(' ')
                .Append(family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('\n');
            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(TypeOf(family.Kind)).Append('\n');
            foreach (var (labels, series) in family.Series)
            {
                if (family.Kind == MetricKind.Histogram)
                    WriteHistogram(text, family.Name, labels, series);
                else
                    WriteLine(text, family.Name, labels, series.Read().Value);
            }
        }

        return text.ToString();
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, MetricSeries series)
    {
        var (sum, count, buckets) = series.Read();
        var before = labels.Length == 0 ? "" : labels + ",";
        foreach (var (bound, cumulative) in buckets)
            WriteLine(text, name + "_bucket", $"{before}le=\"{Number(bound)}\"", cumulative);
        WriteLine(text, name + "_bucket", before + "le=\"+Inf\"", count);
        WriteLine(text, name + "_sum", labels, sum);
        WriteLine(text, name + "_count", labels, count);
    }

    private static void WriteLine(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of metric."),
    };

    private static string Identifier(string text)
    {
        var name = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return name.Length == 0 || char.IsAsciiDigit(name[0]) ? "_" + name : name;
    }
}

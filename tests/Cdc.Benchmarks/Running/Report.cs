using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Cdc.Benchmarks.Running;

/// <summary>Prints figures as they come: a table, or one JSON object a line.</summary>
internal sealed class Report(bool json)
{
    private static readonly CompositeFormat Row =
        CompositeFormat.Parse("{0,-34} {1,10} {2,8} {3,10} {4,10} {5,6} {6,13} {7,8} {8,8} {9,9} {10,9} {11,8} {12,8} {13}");

    private bool began;

    /// <summary>Whether every figure so far was of a run that did what it should.</summary>
    public bool IsCorrect { get; private set; } = true;

    public void Say(string what)
    {
        if (!json)
            Console.Error.WriteLine($"bench: {what}");
    }

    public void Add(Figure figure)
    {
        IsCorrect &= figure.Correct;
        if (json)
            Console.WriteLine(ToJson(figure).ToJsonString());
        else
            AddLine(figure);
    }

    public void End()
    {
        if (!IsCorrect)
            Console.Error.WriteLine("bench: a run did not do what it should; its figures mean nothing");
    }

    private static JsonObject ToJson(Figure figure) => new()
    {
        ["measure"] = figure.Measure,
        ["rows"] = figure.Rows,
        ["seconds"] = Rounded(figure.Seconds),
        ["rate"] = Rounded(figure.Rate),
        ["baseline"] = figure.Baseline,
        ["baseline_rate"] = Rounded(figure.BaselineRate),
        ["ratio"] = Rounded(figure.Ratio),
        ["ratio_low"] = Rounded(figure.RatioLow),
        ["ratio_high"] = Rounded(figure.RatioHigh),
        ["cpu_us_per_row"] = Rounded(figure.CpuMicrosecondsPerRow),
        ["baseline_cpu_us_per_row"] = Rounded(figure.BaselineCpuMicrosecondsPerRow),
        ["p50_ms"] = Rounded(figure.P50Ms),
        ["p99_ms"] = Rounded(figure.P99Ms),
        ["rss_mb"] = Rounded(figure.RssMb),
        ["peak_rss_mb"] = Rounded(figure.PeakRssMb),
        ["correct"] = figure.Correct,
    };

    private void AddLine(Figure figure)
    {
        if (!began)
        {
            Print("measure", "rows", "seconds", "rate/s", "base/s", "ratio", "low..high", "cpu us", "base us", "p50 ms", "p99 ms", "rss MB",
                "peak MB", "correct");
            began = true;
        }

        var spread = figure.RatioLow is { } low && figure.RatioHigh is { } high ? $"{Text(low, "0.00")}..{Text(high, "0.00")}" : "";
        Print(
            figure.Measure, Text(figure.Rows, "0"), Text(figure.Seconds, "0.00"), Text(figure.Rate, "0"), Text(figure.BaselineRate, "0"),
            Text(figure.Ratio, "0.00"), spread, Text(figure.CpuMicrosecondsPerRow, "0.00"),
            Text(figure.BaselineCpuMicrosecondsPerRow, "0.00"),
            Text(figure.P50Ms, "0.0"), Text(figure.P99Ms, "0.0"), Text(figure.RssMb, "0"), Text(figure.PeakRssMb, "0"), figure.Correct
            ? "yes" : "NO");
    }

    private static void Print(params object[] cells) => Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Row, cells));

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 4) : null;
}

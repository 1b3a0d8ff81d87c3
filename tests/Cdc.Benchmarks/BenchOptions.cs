using System.Globalization;

namespace Cdc.Benchmarks;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Measure">One of <see cref="Measures.Names"/>, or <c>all</c>.</param>
/// <param name="Rows">Changes of the workload; null: each measure's own number.</param>
/// <param name="Pairs">How often subject and baseline run after one another; the first pair is thrown away.</param>
/// <param name="Only">Only figures whose name contains this; empty: all.</param>
/// <param name="Json">One object a line instead of a table.</param>
internal sealed record BenchOptions(string Measure, int? Rows, int Pairs, string Only, bool Json)
{
    /// <summary>Whether a figure is asked for.</summary>
    public bool Asks(string figure) => figure.Contains(Only, StringComparison.Ordinal);

    public static bool TryParse(string[] args, out BenchOptions options, out string fault)
    {
        options = new BenchOptions("all", Rows: null, Pairs: 6, Only: "", Json: false);
        fault = "";
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--rows" when TryCount(args, ++i, 1000, out var rows):
                    options = options with { Rows = rows };
                    break;
                case "--pairs" when TryCount(args, ++i, 2, out var pairs):
                    options = options with { Pairs = pairs };
                    break;
                case "--only" when i + 1 < args.Length:
                    options = options with { Only = args[++i] };
                    break;
                case var name when name == "all" || Measures.Names.Contains(name, StringComparer.Ordinal):
                    options = options with { Measure = name };
                    break;
                default:
                    fault = $"'{args[Math.Min(i, args.Length - 1)]}' is not understood";
                    return false;
            }
        }

        return true;
    }

    // 10M and 500k are read too.
    private static bool TryCount(string[] args, int at, int least, out int count)
    {
        count = 0;
        if (at >= args.Length)
            return false;
        var text = args[at].ToUpperInvariant();
        var factor = text[^1] switch { 'K' => 1_000, 'M' => 1_000_000, _ => 1 };
        var digits = factor == 1 ? text : text[..^1];
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || (long)number * factor > int.MaxValue)
            return false;
        count = number * factor;
        return count >= least;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>What was done to the source, in order and with times, so that a campaign that failed can be read and played again.</summary>
internal sealed class Script
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly StringBuilder lines = new();

    public TimeSpan Elapsed => clock.Elapsed;

    public void Note(string deed, string what)
    {
        lock (lines)
            lines.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,8:0.00}  [{deed}]  {what}"));
    }

    public override string ToString()
    {
        lock (lines)
            return lines.ToString();
    }
}

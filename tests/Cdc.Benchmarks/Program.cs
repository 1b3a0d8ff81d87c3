using Cdc.Benchmarks;
using Cdc.Benchmarks.Running;

// A rung runs in a process of its own, so that its processor time and memory are its own: 'rung NAME SETTINGS'.
if (args is ["rung", var rung, var settings])
{
    Console.WriteLine((await Rungs.RunAsync(rung, settings)).ToJson());
    return 0;
}

if (!BenchOptions.TryParse(args, out var options, out var fault))
{
    Console.Error.WriteLine(
        $"bench: {fault}; usage: build/bench.sh [{string.Join('|', Measures.Names)}|all] [--rows N] [--pairs N] [--only TEXT] [--json]");
    return 2;
}

var report = new Report(options.Json);
foreach (var measure in Measures.Of(options))
    await measure(options, report);
report.End();
return report.IsCorrect ? 0 : 1;

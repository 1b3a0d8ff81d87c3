using System.Diagnostics;
using System.Globalization;
using Cdc.EndToEnd.Tests.Monkey;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>Has deeds done to targets, in the order of a seed, by several hands at once, and looks afterwards what is equal.</summary>
internal static class TargetCampaign
{
    private static readonly TimeSpan ToBegin = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ToSettle = TimeSpan.FromMinutes(3);

    /// <summary>Every kind once, or for so many minutes.</summary>
    public static async Task<Findings> RunAsync(IReadOnlyList<TargetDeed> deeds, int seed, int minutes)
    {
        var variant = Variant.Choose(seed);
        var title = $"CDC_SEED={seed} {variant}";
        await using var scene = await Scene.StartAsync(variant, seed);
        if (await scene.FaultsAsync(ToBegin) is { Count: > 0 } early)
            return new Findings($"{title}, before any deed", 0, early, "", scene.Output);
        scene.Start();
        var faults = new List<string>();
        var done = 0;
        var schedule = new Schedule<TargetDeed>(deeds, seed, minutes);
        await Task.WhenAll(Enumerable.Range(0, Scene.Hands).Select(_ => Task.Run(async () =>
        {
            while (schedule.Next() is var (deed, number))
            {
                if (await FaultOfAsync(scene, deed, seed + number) is { } fault)
                {
                    lock (faults)
                        faults.Add(fault);
                    schedule.Stop();
                }
                else
                {
                    Interlocked.Increment(ref done);
                }

                if (await scene.EndAsync() is not null)
                    schedule.Stop();
            }
        })));
        await scene.StopTrafficAsync();
        faults.AddRange(await scene.FaultsAsync(ToSettle));
        return new Findings($"{title}, {scene.Measured}", done, faults, scene.Script.ToString(), scene.Output);
    }

    /// <summary>
    /// One kind after another, each followed by a look; after a fault everything is made again. Gives each kind's faults.
    /// </summary>
    public static async Task SurveyAsync(IReadOnlyList<TargetDeed> deeds, int seed, Action<string> tell)
    {
        var left = new Queue<TargetDeed>(deeds);
        while (left.Count > 0)
        {
            await using var scene = await Scene.StartAsync(Variant.Choose(seed), seed);
            if (await scene.FaultsAsync(ToBegin) is { Count: > 0 } early)
            {
                tell($"BEGIN {string.Join("\n          ", early)}");
                return;
            }

            scene.Start();
            var isWell = true;
            while (isWell && left.TryDequeue(out var deed))
            {
                var clock = Stopwatch.StartNew();
                scene.StartTraffic();
                List<string> faults = await FaultOfAsync(scene, deed, seed + deed.Name.Sum(letter => letter)) is { } fault ? [fault] : [];
                await scene.StopTrafficAsync();
                faults.AddRange(await scene.FaultsAsync(TimeSpan.FromSeconds(TestSetting.Read("CDC_MONKEY_PATIENCE", 60))));
                isWell = faults.Count == 0;
                var told = string.Concat(faults.Take(8).Select(one => $"\n          {one}"));
                tell(string.Create(CultureInfo.InvariantCulture,
                    $"{(isWell ? "well " : "FAULT")} {clock.Elapsed.TotalSeconds,5:0} s  {deed}{told}"));
                if (!isWell)
                    tell($"--- script\n{scene.Script}--- cdc\n{scene.Output}\n---");
            }
        }
    }

    private static async Task<string?> FaultOfAsync(Scene scene, TargetDeed deed, int seed)
    {
        try
        {
            await scene.DoAsync(deed, seed);
            return null;
        }
        catch (Exception error)
        {
            return $"the deed '{deed}' did not come about: {error.GetType().Name} {error.Message}";
        }
    }
}

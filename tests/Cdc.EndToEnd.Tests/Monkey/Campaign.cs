using System.Diagnostics;
using System.Globalization;
using System.Text;
using Cdc.Testing;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>What a campaign did and found.</summary>
internal sealed record Findings(string Title, int Done, IReadOnlyList<string> Faults, string Script, string Output)
{
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Title}: {Faults.Count} faults after {Done} deeds");
        foreach (var fault in Faults.Take(30))
            text.AppendLine(CultureInfo.InvariantCulture, $"* {fault}");
        text.AppendLine("--- script").AppendLine(Script).AppendLine("--- cdc")
            .AppendLine(Output.Length > 20_000 ? Output[^20_000..] : Output);
        return text.ToString();
    }
}

/// <summary>
/// Has deeds done to a monkey's source, in the order of a seed, by several hands at once, and looks afterwards what is equal.
/// </summary>
internal static class Campaign
{
    private const int Hands = 3;
    private const int MostTries = 5;

    private static readonly TimeSpan ToBegin = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ToSettle = TimeSpan.FromSeconds(TestSetting.Read("CDC_MONKEY_PATIENCE", 180));

    /// <summary>Every kind once, or for so many minutes; server and TLS are the seed's.</summary>
    public static async Task<Findings> RunAsync(IReadOnlyList<Deed> deeds, int seed, int minutes, int connections)
    {
        var (major, tls) = Choose(seed);
        var title = string.Create(CultureInfo.InvariantCulture, $"CDC_SEED={seed} on {major}{(tls ? " over TLS" : "")}");
        await using var monkey = await Monkey.StartAsync(major, tls, connections, seed);
        var faults = new List<string>();
        var done = 0;
        if (await monkey.FaultsAsync(ToBegin) is { Count: > 0 } early)
            return new Findings($"{title}, before any deed", 0, early, "", monkey.Mirror.Output);
        monkey.StartTraffic();
        var schedule = new Schedule<Deed>(deeds, seed, minutes);
        await Task.WhenAll(Enumerable.Range(0, Hands).Select(_ => Task.Run(async () =>
        {
            while (schedule.Next() is var (deed, number))
            {
                try
                {
                    await DoAsync(monkey, deed, seed + number);
                    Interlocked.Increment(ref done);
                }
                catch (Exception error)
                {
                    lock (faults)
                        faults.Add($"the deed '{deed}' did not come about: {error.GetType().Name} {error.Message}");
                    schedule.Stop();
                }

                if (await monkey.Mirror.EndAsync() is not null)
                    schedule.Stop();
            }
        })));
        await monkey.StopTrafficAsync();
        faults.AddRange(await monkey.FaultsAsync(ToSettle));
        return new Findings(title, done, faults, monkey.Script.ToString(), monkey.Mirror.Output);
    }

    /// <summary>Does a deed; where a table is not fit for it, to another one.</summary>
    private static async Task DoAsync(Monkey monkey, Deed deed, int seed)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await monkey.DoAsync(deed, seed * tries);
                return;
            }
            catch (RefusedException error) when (tries < MostTries)
            {
                monkey.Script.Note(deed.Name, $"is tried with another table: {error.Message}");
            }
        }
    }

    /// <summary>
    /// One kind after another, each followed by a look; after a fault everything is made again. Gives each kind's faults.
    /// </summary>
    public static async Task SurveyAsync(IReadOnlyList<Deed> deeds, int seed, int connections, Action<string> tell)
    {
        var (major, tls) = Choose(seed);
        var left = new Queue<Deed>(deeds);
        while (left.Count > 0)
        {
            await using var monkey = await Monkey.StartAsync(major, tls, connections, seed);
            if (await monkey.FaultsAsync(ToBegin) is { Count: > 0 } early)
            {
                tell($"BEGIN {string.Join("\n          ", early)}");
                return;
            }

            while (left.TryDequeue(out var deed))
            {
                var clock = Stopwatch.StartNew();
                monkey.StartTraffic();
                var faults = await SurveyAsync(monkey, deed, seed);
                var told = string.Concat(faults.Take(6).Select(fault => $"\n          {fault}"));
                tell(string.Create(CultureInfo.InvariantCulture,
                    $"{(faults.Count == 0 ? "well " : "FAULT")} {clock.Elapsed.TotalSeconds,5:0} s  {deed}{told}"));
                if (faults.Count > 0 && !await monkey.GiveUpAsync())
                    break;
            }
        }
    }

    private static async Task<IReadOnlyList<string>> SurveyAsync(Monkey monkey, Deed deed, int seed)
    {
        try
        {
            await monkey.DoAsync(deed, seed + deed.Name.Sum(letter => letter));
            var clock = Stopwatch.StartNew();
            await Eventually.HoldsAsync("writers go on", () => clock.Elapsed > TimeSpan.FromSeconds(1.5));
        }
        catch (Exception error)
        {
            return [$"the deed did not come about: {error.GetType().Name} {error.Message}"];
        }
        finally
        {
            await monkey.StopTrafficAsync();
        }

        return await monkey.FaultsAsync(TimeSpan.FromSeconds(TestSetting.Read("CDC_MONKEY_PATIENCE", 60)));
    }

    /// <summary>The seed's server, and whether it is spoken to over TLS.</summary>
    public static (int Major, bool Tls) Choose(int seed) =>
        (TestSetting.Read("CDC_SERVER", seed % 2 == 0 ? 15 : 18), TestSetting.Read("CDC_TLS", seed / 2 % 2) == 1);
}

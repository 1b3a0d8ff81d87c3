using System.Text.Json;
using Cdc.EndToEnd.Tests.Monkey;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>What the running program says of its sinks over HTTP.</summary>
internal sealed class SinkTroubles(Mirror mirror) : IDisposable
{
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>The code under which a table of a sink is stopped; null where it continues, or nobody answers.</summary>
    public async Task<string?> CodeOfAsync(string sink, Victim table)
    {
        var status = await AskAsync();
        if (status is not { } root)
            return null;
        foreach (var role in root.GetProperty("sinks").EnumerateArray().Where(role => role.GetProperty("name").GetString() == sink))
        {
            foreach (var one in role.GetProperty("tables").EnumerateArray())
            {
                if (one.GetProperty("table").GetString() == table.ToString()
                    && one.GetProperty("error") is { ValueKind: JsonValueKind.Object } error)
                    return error.GetProperty("code").GetString();
            }
        }

        return null;
    }

    /// <summary>Whether all tables of the first source are read, and applied by all sinks; false where nobody answers.</summary>
    public async Task<bool> IsAllThereAsync() => await AskAsync() is { } root
        && root.GetProperty("sources")[0].GetProperty("tables") is var read && read.GetArrayLength() > 0
        && read.EnumerateArray().All(table => table.GetProperty("state").GetString() == "streaming")
        && root.GetProperty("sinks").EnumerateArray().All(sink => sink.GetProperty("state").GetString() == "running"
            && sink.GetProperty("tables").GetArrayLength() == read.GetArrayLength()
            && sink.GetProperty("tables").EnumerateArray().All(table => table.GetProperty("offsetLag").GetInt64() < 100));

    /// <summary>Whether none of the tables is being read, or waits for that; false where nobody answers.</summary>
    public async Task<bool> AreReadAsync(IReadOnlyCollection<string> tables) => await AskAsync() is { } root
        && root.GetProperty("sources")[0].GetProperty("tables").EnumerateArray()
        .Where(table => tables.Contains(table.GetProperty("table").GetString()!))
            .All(table => table.GetProperty("state").GetString() == "streaming");

    /// <summary>Since how many seconds something waits for a sink; null where that is unknown, or nobody answers.</summary>
    public async Task<double?> LagOfAsync(
        string sink) => await AskAsync() is not { } root ? null : root.GetProperty("sinks").EnumerateArray()
        .Where(role => role.GetProperty("name").GetString() == sink && role.GetProperty("state").GetString() == "running")
        .Select(role => role.GetProperty("lagSeconds") is { ValueKind: JsonValueKind.Number } lag ? lag.GetDouble() : (double?)null)
        .FirstOrDefault();

    /// <summary>Why a sink as a whole waits; null where it does not.</summary>
    public async Task<string?> CodeOfAsync(string sink)
    {
        var status = await AskAsync();
        return status is not { } root ? null
            : root.GetProperty("sinks").EnumerateArray().Where(role => role.GetProperty("name").GetString() == sink)
            .Select(role => role.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? error.GetProperty("code").GetString()
                : null).FirstOrDefault();
    }

    public void Dispose() => client.Dispose();

    private async Task<JsonElement?> AskAsync()
    {
        try
        {
            var address = new Uri((await File.ReadAllTextAsync(Path.Combine(mirror.Log, "http-address"))).Trim());
            return JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync(new Uri(address, "api/v1/status")));
        }
        catch (Exception error)
            when (error is IOException or HttpRequestException or TaskCanceledException or UriFormatException or JsonException)
        {
            // It is between two lives.
            return null;
        }
    }
}

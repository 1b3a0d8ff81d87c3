using Npgsql;

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>Looks all the time at what capture does to its source: how many sessions it has, and whom it keeps waiting.</summary>
internal sealed class SourceWatch(SourceServer source, Script script, long mostSessions) : IAsyncDisposable
{
    /// <summary>The readers, three for all else, the one that streams, and one while that is opened.</summary>
    public const int MostSessions = MirrorFile.Parallel + 3 + 1 + 1;

    /// <summary>
    /// A session whose call was given up is closed within three seconds, and one that took its place may be there already.
    /// </summary>
    private const int LastingLooks = 25;

    private const string Sessions = $"""
        SELECT count(*), coalesce(left(string_agg(backend_type || ' ' || state || ' ' || left(query, 40), '; '), 400), '')
        FROM pg_stat_activity WHERE usename = '{SourceServer.Role}'
        """;

    // Whoever waits longer than promised behind nobody but sessions of ours that have what it waits for. The promise is five seconds; a
    // busy machine gets as many more.
    private const string Waiting = $"""
        SELECT w.mode || ' on ' || w.relation::regclass || ' behind ' || min(h.mode) || ' of ' || min(left(o.query, 100))
        FROM pg_locks w
        JOIN pg_locks h ON h.locktype = w.locktype AND h.database = w.database AND h.relation = w.relation AND h.granted AND h.pid = ANY (pg_blocking_pids(w.pid))
        JOIN pg_stat_activity o ON o.pid = h.pid
        WHERE NOT w.granted AND w.waitstart < now() - interval '10 s'
        GROUP BY w.pid, w.mode, w.relation
        HAVING bool_and(o.usename = '{SourceServer.Role}')
        """;

    private readonly CancellationTokenSource stopping = new();
    private readonly List<string> faults = [];
    private Task running = Task.CompletedTask;
    private long excusedUntil;
    private int tooMany;

    /// <summary>Most sessions seen at once.</summary>
    public long Most { get; private set; }

    /// <summary>What was seen and must not be; the first ones.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (faults)
                return [.. faults];
        }
    }

    public void Start() => running = Task.Run(RunAsync);

    /// <summary>A process was killed: its sessions and the next one's are there together until the server sees it.</summary>
    public void Excuse() => Interlocked.Exchange(ref excusedUntil, (long)script.Elapsed.TotalMilliseconds + 5000);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(150));
        NpgsqlConnection? connection = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stopping.Token);
                connection ??= await source.Server.ConnectAsync("source");
                await LookAsync(connection);
            }
            catch (NpgsqlException)
            {
                // The server is away, or is stalled.
                if (connection is not null)
                    await connection.DisposeAsync();
                connection = null;
            }
        }

        if (connection is not null)
            await connection.DisposeAsync();
    }

    private async Task LookAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand($"{Sessions}; {Waiting}", connection);
        await using var reader = await command.ExecuteReaderAsync(stopping.Token);
        await reader.ReadAsync(stopping.Token);
        var count = reader.GetInt64(0);
        var isExcused = script.Elapsed.TotalMilliseconds < Interlocked.Read(ref excusedUntil);
        if (!isExcused)
            Most = Math.Max(Most, count);
        tooMany = count > mostSessions && !isExcused ? tooMany + 1 : 0;
        if (tooMany == LastingLooks)
            Blame("sessions", $"{count} sessions of ours on the source: {reader.GetString(1)}");
        await reader.NextResultAsync(stopping.Token);
        while (await reader.ReadAsync(stopping.Token))
            Blame("waiting", $"somebody waits for us for ten seconds: {reader.GetString(0)}");
    }

    private void Blame(string kind, string what)
    {
        lock (faults)
        {
            if (faults.Count(fault => fault.StartsWith(kind, StringComparison.Ordinal)) < 3)
                faults.Add($"{kind} at {script.Elapsed.TotalSeconds:0.0} s: {what}");
        }
    }
}

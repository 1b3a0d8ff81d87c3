using System.Diagnostics;
using Cdc.EndToEnd.Tests.Monkey;
using Cdc.Testing;
using Npgsql;

namespace Cdc.EndToEnd.Tests.TargetMonkey;

/// <summary>
/// Looks all the time whom the sink keeps waiting at its target, and for how long it keeps locks. A wait counts for as long as nobody but
/// sessions of ours is in the way.
/// </summary>
internal sealed class WarehouseWatch(Warehouse warehouse, Script script) : IAsyncDisposable
{
    /// <summary>What a reader may wait for us in one statement.</summary>
    private static readonly TimeSpan LongestForReaders = TimeSpan.FromSeconds(3);

    /// <summary>What a statement that wants a stronger lock may wait: two seconds for a lock of ours, and the work of a batch.</summary>
    private static readonly TimeSpan LongestForOthers = TimeSpan.FromSeconds(15);

    /// <summary>A lock that keeps readers out is for a statement or two.</summary>
    private static readonly TimeSpan LongestExclusive = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan LongestTransaction = TimeSpan.FromSeconds(20);

    /// <summary>The watch may be held up itself: no more than this is counted between two looks.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(250);

    private const string Waiting = $"""
        SELECT w.pid, w.usename = '{Warehouse.Reader}', left(w.query, 80) || ' behind ' || min(left(o.query, 80)), extract(epoch FROM w.query_start)::text
        FROM pg_stat_activity w CROSS JOIN unnest(pg_blocking_pids(w.pid)) b (pid) JOIN pg_stat_activity o ON o.pid = b.pid
        WHERE w.wait_event_type = 'Lock' AND w.usename <> '{Warehouse.Sink}'
        GROUP BY w.pid, w.usename, w.query, w.query_start HAVING bool_and(o.usename = '{Warehouse.Sink}')
        """;

    private const string Keeping = $"""
        SELECT a.pid, 'AccessExclusiveLock on ' || c.relname || ' in ' || left(a.query, 80), extract(epoch FROM a.xact_start)::text || c.relname
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation
        WHERE a.usename = '{Warehouse.Sink}' AND l.granted AND l.mode = 'AccessExclusiveLock' AND c.relpersistence = 'p' AND c.relkind = 'r'
        """;

    private const string Open = $"""
        SELECT a.pid, 'a transaction: ' || coalesce(a.state, '') || ' ' || left(a.query, 80), extract(epoch FROM a.xact_start)::text
        FROM pg_stat_activity a
        WHERE a.usename = '{Warehouse.Sink}' AND a.xact_start IS NOT NULL
            AND EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE l.pid = a.pid AND l.granted AND l.mode <> 'AccessShareLock' AND c.relpersistence = 'p')
        """;

    private readonly CancellationTokenSource stopping = new();
    private readonly List<string> faults = [];
    private readonly Dictionary<string, TimeSpan> seen = [];
    private Task running = Task.CompletedTask;
    private long excusedUntil;

    /// <summary>What was seen and must not be; the first ones.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (faults)
                return [.. faults];
        }
    }

    /// <summary>How long a reader has waited for us at most.</summary>
    public TimeSpan LongestWait { get; private set; }

    public void Start() => running = Task.Run(RunAsync);

    /// <summary>
    /// The server, or the sink, is stalled by another hand: until it continues, and a moment longer, no time counts.
    /// </summary>
    public void Excuse(TimeSpan time) => Interlocked.Exchange(ref excusedUntil, (long)(script.Elapsed + time).TotalMilliseconds);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        NpgsqlConnection? connection = null;
        var clock = Stopwatch.StartNew();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stopping.Token);
                if (connection is null)
                {
                    connection = new NpgsqlConnection(warehouse.ConnectionString(PostgresServer.User));
                    await connection.OpenAsync(stopping.Token);
                }

                var step = clock.Elapsed < LongestStep ? clock.Elapsed : LongestStep;
                clock.Restart();
                await LookAsync(connection, step);
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException)
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

    private async Task LookAsync(NpgsqlConnection connection, TimeSpan step)
    {
        await using var command = new NpgsqlCommand($"{Waiting}; {Keeping}; {Open}", connection) { CommandTimeout = 10 };
        await using var reader = await command.ExecuteReaderAsync(stopping.Token);
        if (script.Elapsed.TotalMilliseconds < Interlocked.Read(ref excusedUntil))
        {
            seen.Clear();
            return;
        }

        while (await reader.ReadAsync(stopping.Token))
        {
            var isReader = reader.GetBoolean(1);
            var time = Count("waits", reader.GetInt32(0), reader.GetString(3), step, isReader ? LongestForReaders : LongestForOthers,
                reader.GetString(2));
            if (isReader && time > LongestWait)
                LongestWait = time;
        }

        foreach (var (kind, longest) in ((string, TimeSpan)[])[("keeps", LongestExclusive), ("is open", LongestTransaction)])
        {
            await reader.NextResultAsync(stopping.Token);
            while (await reader.ReadAsync(stopping.Token))
                Count(kind, reader.GetInt32(0), reader.GetString(2), step, longest, reader.GetString(1));
        }
    }

    private TimeSpan Count(string kind, int process, string since, TimeSpan step, TimeSpan longest, string what)
    {
        var key = FormattableString.Invariant($"{kind} {process} {since}");
        var before = seen.GetValueOrDefault(key);
        var time = seen[key] = before + step;
        if (before <= longest && time > longest)
            Blame(kind, FormattableString.Invariant($"{longest.TotalSeconds:0} s are over: {what}"));
        return time;
    }

    private void Blame(string kind, string what)
    {
        lock (faults)
        {
            if (faults.Count(fault => fault.StartsWith(kind, StringComparison.Ordinal)) < 3)
                faults.Add(FormattableString.Invariant($"{kind} at {script.Elapsed.TotalSeconds:0.0} s: {what}"));
        }
    }
}

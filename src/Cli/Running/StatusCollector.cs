using Cdc.Capture;
using Cdc.Capture.Reading;
using Cdc.Capture.Tables;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Control.Status;
using Cdc.Hosting;
using Cdc.Sink;
using Cdc.Sink.Consuming;
using Cdc.Sink.Ledger;

namespace Cdc.Cli.Running;

/// <summary>Puts together how a process is doing, from what its roles note as they go.</summary>
internal sealed class StatusCollector(InstallationOptions options, Roles roles, TimeProvider clock)
{
    private readonly DateTimeOffset started = clock.GetUtcNow();
    private readonly RateWindow rates = new(clock);
    private volatile IReadOnlyList<TopicState> topics = [];
    private long logBytes;

    /// <summary>What the log holds by now; called a few times a second.</summary>
    public void Note(IReadOnlyList<TopicState> present)
    {
        topics = present;
        Interlocked.Exchange(ref logBytes, roles.Log.SizeBytes);
        foreach (var (source, role) in options.Sources.Zip(roles.Captures))
        {
            rates.Note("source " + source.Name, role.Progress.Records);
            foreach (var read in role.Progress.Reads.Values.Where(read => read.State is TableState.Reading or TableState.Rereading))
                rates.Note($"read {source.Name} {read.Table}", read.RowsRead);
        }

        foreach (var (sink, role) in options.Sinks.Zip(roles.Sinks))
        {
            rates.Note("sink " + sink.Name, role.Progress.Changes);
            foreach (var partition in role.Progress.Partitions.GroupBy(partition => partition.Key.Topic, StringComparer.Ordinal))
                rates.Note($"applied {sink.Name} {partition.Key}", partition.Sum(one => one.Value.Rows));
        }
    }

    public InstallationStatus Take() => new()
    {
        Name = options.Name,
        Started = started,
        LogBytes = Interlocked.Read(ref logBytes),
        Sources = [.. options.Sources.Zip(roles.Captures, SourceOf)],
        Sinks = [.. options.Sinks.Zip(roles.Sinks, SinkOf)],
    };

    private SourceStatus SourceOf(CaptureOptions source, CaptureRole role)
    {
        var progress = role.Progress;
        var activity = ActivityOf(role);
        return new SourceStatus
        {
            Name = source.Name,
            State = activity switch
            {
                SourceActivity.Connecting or SourceActivity.WaitingForSlot => RoleState.Starting,
                SourceActivity.ReadingTables or SourceActivity.Streaming => RoleState.Running,
                SourceActivity.Retrying => RoleState.Retrying,
                SourceActivity.Ended => RoleState.Ended,
                SourceActivity.Failed => RoleState.Failed,
                _ => throw new ArgumentOutOfRangeException(nameof(role), activity, "Not an activity."),
            },
            Activity = activity,
            Error = ErrorOf(roles.Ended.GetValueOrDefault(role) ?? progress.Waiting),
            Warnings = [.. progress.Warnings.Select(warning => new StatusWarning(warning.Text, warning.Remedy))],
            Slot = source.Postgres.Slot,
            HasSlot = progress.Slot is { } slot ? slot.WalStatus is not null : null,
            SlotState = progress.Slot?.WalStatus,
            RetainedBytes = progress.Slot?.RetainedBytes,
            LastHeartbeat = progress.HeartbeatAt,
            LagBytes = progress.LagBytes,
            LagSeconds = progress.Lag?.TotalSeconds,
            Position = progress.Position,
            Records = progress.Records,
            RecordsPerSecond = rates.PerSecond("source " + source.Name),
            Tables = [.. progress.Tables.OrderBy(table => table.Key.ToString(), StringComparer.Ordinal)
                .Select(table => TableOf(source, role, table.Value))],
        };
    }

    private SourceActivity ActivityOf(CaptureRole role)
    {
        if (roles.Ended.TryGetValue(role, out var error))
            return error is null ? SourceActivity.Ended : SourceActivity.Failed;
        return role.Progress.Activity switch
        {
            CaptureActivity.Connecting => SourceActivity.Connecting,
            CaptureActivity.WaitingForSlot => SourceActivity.WaitingForSlot,
            CaptureActivity.Retrying => SourceActivity.Retrying,
            CaptureActivity.Streaming => role.Progress.Tables.Values.Any(table => !table.IsSettled)
                ? SourceActivity.ReadingTables
                : SourceActivity.Streaming,
            _ => throw new ArgumentOutOfRangeException(nameof(role), role.Progress.Activity, "Not an activity."),
        };
    }

    private SourceTableStatus TableOf(CaptureOptions source, CaptureRole role, TableHealth health)
    {
        var table = health.Table;
        var read = role.Progress.Reads.GetValueOrDefault(table);
        var rate = read?.State is TableState.Reading or TableState.Rereading
            ? rates.PerSecond($"read {source.Name} {table}") ?? SinceBegun(read) : null;
        return new SourceTableStatus
        {
            Table = table.ToString(),
            Topic = TopicOf(source, role, table),
            State = StateOf(health),
            Reason = read?.Reason ?? "",
            RowsRead = read?.RowsRead ?? 0,
            RowsEstimated = read is { RowsEstimated: > 0 } ? read.RowsEstimated : null,
            RowsPerSecond = rate,
            HoldsStream = read?.HoldsStream ?? false,
            Waits = read?.Waits,
            SecondsLeft = rate is > 0 && read!.RowsEstimated > read.RowsRead ? (read.RowsEstimated - read.RowsRead) / rate : null,
            ChangesLeftOut = health.LeftOut,
            NextTry = health.Trouble?.NextTry,
            Error = ErrorOf(health.Trouble?.Error),
        };
    }

    private double? SinceBegun(TableSnapshotProgress read) =>
        read is { RowsRead: > 0, StartedAt: { } began } && clock.GetUtcNow() - began is { TotalSeconds: > 0 } time
            ? read.RowsRead / time.TotalSeconds : null;

    private static TablePhase StateOf(TableHealth health) => health.State switch
    {
        TableState.Stopped => TablePhase.Stopped,
        TableState.Gone => TablePhase.Gone,
        _ when health.IsPaused => TablePhase.Retrying,
        TableState.Waiting => TablePhase.Waiting,
        TableState.Reading or TableState.Rereading => TablePhase.Reading,
        TableState.Complete => TablePhase.Streaming,
        _ => throw new ArgumentOutOfRangeException(nameof(health), health.State, "Not a state of a table."),
    };

    private SinkStatus SinkOf(SinkOptions sink, SinkRole role)
    {
        var progress = role.Progress;
        var failure = roles.Ended.GetValueOrDefault(role);
        var next = topics.ToDictionary(topic => topic.Topic, EndOf, StringComparer.Ordinal);
        var applied = progress.Partitions.Values.ToLookup(entry => entry.Partition.Topic, StringComparer.Ordinal);
        var names = NamesOf(sink);
        return new SinkStatus
        {
            Name = sink.Name,
            Target = sink.Postgres is { } postgres
                ? FormattableString.Invariant($"postgres {postgres.Host}:{postgres.Port}/{postgres.Database}")
                : $"duckdb {sink.DuckDb?.Path}",
            State = failure is not null ? RoleState.Failed
                : roles.Ended.ContainsKey(role) ? RoleState.Ended
                : progress.Waiting is not null ? RoleState.Retrying
                : progress.IsAssigned ? RoleState.Running : RoleState.Starting,
            Error = ErrorOf(failure ?? progress.Waiting),
            LagSeconds = progress.Lag?.TotalSeconds,
            LagRecords = progress.LagRecords,
            ChangesPerSecond = rates.PerSecond("sink " + sink.Name),
            Tables =
            [
                .. progress.Topics.Order(StringComparer.Ordinal).Select(topic => new SinkTableStatus
                {
                    Topic = topic,
                    Table = progress.Tables.TryGetValue(topic, out var table) ? table.ToString() : names.GetValueOrDefault(topic, topic),
                    AppliedRows = applied[topic].Sum(entry => entry.Rows),
                    RowsPerSecond = rates.PerSecond($"applied {sink.Name} {topic}"),
                    OffsetLag = Math.Max(0, next.GetValueOrDefault(topic) - applied[topic].Sum(entry => entry.NextOffset)),
                    LastCommit = progress.AppliedAt(topic),
                    NextTry = progress.NextTryOf(topic),
                    Error = ErrorOf(progress.TroubleOf(topic)),
                }),
            ],
        };
    }

    /// <summary>
    /// The target's tables by topic, as far as capture knows the source's: a sink learns them from the first record only.
    /// </summary>
    private Dictionary<string, string> NamesOf(SinkOptions sink)
    {
        var naming = new TargetNaming(sink.Target.Schema, sink.Target.Table);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (source, role) in options.Sources.Zip(roles.Captures))
        {
            foreach (var table in role.Progress.Tables.Keys)
            {
                names[TopicOf(source, role, table)] =
                    naming.Resolve(new SourceTableName(source.TopicPrefix, source.Postgres.Database, table.Schema, table.Name)).ToString();
            }
        }

        return names;
    }

    private static string TopicOf(CaptureOptions source, CaptureRole role, TableId table) =>
        role.Progress.TopicOf(table) ?? TopicNaming.TopicOf(source.TopicPrefix, table, source.Naming);

    private static long EndOf(TopicState topic) => topic.Partitions.Sum(partition => partition.NextOffset);

    private static StatusError? ErrorOf(Exception? error) => error switch
    {
        null => null,
        CdcException ours => new StatusError(ours.Code.ToString(), ours.Message, ours.Code.Remedy),
        _ => new StatusError(ErrorCodes.Internal.ToString(), error.Message, ErrorCodes.Internal.Remedy),
    };

    /// <summary>A table's trouble is kept as one line: code, message, remedy.</summary>
    private static StatusError ErrorOf(string line)
    {
        var code = ErrorCodes.All.FirstOrDefault(known => line.StartsWith(known + " ", StringComparison.Ordinal));
        if (code is null)
            return new StatusError("", line);
        var text = line[(code.ToString().Length + 1)..];
        return new StatusError(code.ToString(), text.EndsWith(code.Remedy, StringComparison.Ordinal) ? text[..^code.Remedy.Length].TrimEnd()
            : text, code.Remedy);
    }
}

using Cdc.Capture;
using Cdc.Capture.Snapshot;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Schema;
using Cdc.Contracts.Topics;
using Cdc.Control.Status;
using Cdc.Sink;
using ReadState = Cdc.Capture.Snapshot.TableState;
using TableState = Cdc.Control.Status.TableState;

namespace Cdc.Cli.Running;

/// <summary>Puts together how a process is doing, from what its roles note as they go.</summary>
internal sealed class StatusSnapshot(PipelineOptions options, IReadOnlyList<CaptureRole> captures, IReadOnlyList<SinkRole> sinks, TimeProvider clock)
{
    private readonly DateTimeOffset started = clock.GetUtcNow();
    private volatile IReadOnlyList<TopicState> topics = [];

    /// <summary>What the log holds by now.</summary>
    public void Note(IReadOnlyList<TopicState> present) => topics = present;

    public PipelineStatus Take() => new()
    {
        Name = options.Name,
        Started = started,
        Sources = [.. options.Sources.Zip(captures, SourceOf)],
        Sinks = [.. options.Sinks.Zip(sinks, SinkOf)],
    };

    private SourceStatus SourceOf(CaptureOptions source, CaptureRole role) => new()
    {
        Name = source.Name,
        State = role.Progress.Waiting is not null ? RoleState.Retrying : role.Progress.IsStreaming ? RoleState.Running : RoleState.Starting,
        Error = ErrorOf(role.Progress.Waiting),
        Records = role.Progress.Records,
        Tables = [.. role.Progress.Tables.OrderBy(table => table.Key.ToString(), StringComparer.Ordinal).Select(table => TableOf(source, role, table.Key, table.Value))],
    };

    private SourceTableStatus TableOf(CaptureOptions source, CaptureRole role, TableId table, string? trouble)
    {
        var read = role.Progress.Reads.GetValueOrDefault(table);
        var seconds = read?.StartedAt is { } began ? (clock.GetUtcNow() - began).TotalSeconds : 0;
        double? rate = read is { State: ReadState.Reading, RowsRead: > 0 } && seconds > 0 ? read.RowsRead / seconds : null;
        return new SourceTableStatus
        {
            Table = table.ToString(),
            Topic = TopicNaming.TopicOf(source.TopicPrefix, table),
            State = StateOf(read, trouble),
            Reason = read?.Reason ?? "",
            RowsRead = read?.RowsRead ?? 0,
            RowsEstimated = read is { RowsEstimated: > 0 } ? read.RowsEstimated : null,
            RowsPerSecond = rate,
            HoldsStream = read?.HoldsStream ?? false,
            SecondsLeft = rate is { } perSecond && read!.RowsEstimated > read.RowsRead ? (read.RowsEstimated - read.RowsRead) / perSecond : null,
            Error = trouble is null ? null : new StatusError(trouble[..8], trouble),
        };
    }

    private static TableState StateOf(TableReadProgress? read, string? trouble) => (read?.State, trouble) switch
    {
        (_, not null) or (ReadState.Stopped, _) => TableState.Stopped,
        (ReadState.Waiting, _) => TableState.Waiting,
        (ReadState.Reading or ReadState.Rereading, _) => TableState.Reading,
        _ => TableState.Streaming,
    };

    private SinkStatus SinkOf(SinkOptions sink, SinkRole role)
    {
        var next = topics.ToDictionary(topic => topic.Topic, topic => topic.Partitions.Sum(partition => partition.NextOffset), StringComparer.Ordinal);
        var applied = role.Progress.Partitions.Values.ToLookup(entry => entry.Partition.Topic, StringComparer.Ordinal);
        return new SinkStatus
        {
            Name = sink.Name,
            Target = sink.Postgres is { } postgres ? $"postgres {postgres.Host}:{postgres.Port}/{postgres.Database}" : $"duckdb {sink.DuckDb?.Path}",
            State = role.Progress.Waiting is null ? RoleState.Running : RoleState.Retrying,
            Error = ErrorOf(role.Progress.Waiting),
            Tables =
            [
                .. role.Progress.Topics.Order(StringComparer.Ordinal).Select(topic => new SinkTableStatus
                {
                    Topic = topic,
                    Table = role.Progress.Tables.TryGetValue(topic, out var table) ? table.ToString() : "",
                    AppliedRows = applied[topic].Sum(entry => entry.Rows),
                    OffsetLag = Math.Max(0, next.GetValueOrDefault(topic) - applied[topic].Sum(entry => entry.NextOffset)),
                    LastCommit = role.Progress.LastCommit == 0 ? null : DateTimeOffset.UnixEpoch.AddMicroseconds(role.Progress.LastCommit),
                    Error = ErrorOf(role.Progress.TroubleOf(topic)),
                }),
            ],
        };
    }

    private static StatusError? ErrorOf(CdcException? error) => error is null ? null : new StatusError(error.Code.ToString(), error.Message);
}

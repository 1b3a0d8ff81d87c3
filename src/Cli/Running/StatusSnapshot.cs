using Cdc.Capture;
using Cdc.Cli.Configuration;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Control.Status;
using Cdc.Sink;

namespace Cdc.Cli.Running;

/// <summary>Puts together how a process is doing, from what its roles note as they go.</summary>
internal sealed class StatusSnapshot(PipelineOptions options, IReadOnlyList<CaptureRole> captures, IReadOnlyList<SinkRole> sinks, DateTimeOffset started)
{
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

    private static SourceStatus SourceOf(CaptureOptions source, CaptureRole role) => new()
    {
        Name = source.Name,
        State = role.Progress.Waiting is not null ? RoleState.Retrying : role.Progress.IsStreaming ? RoleState.Running : RoleState.Starting,
        Error = ErrorOf(role.Progress.Waiting),
        Records = role.Progress.Records,
        Tables =
        [
            .. role.Progress.Tables.OrderBy(table => table.Key.ToString(), StringComparer.Ordinal).Select(table => new SourceTableStatus
            {
                Table = table.Key.ToString(),
                Topic = TopicNaming.TopicOf(source.TopicPrefix, table.Key),
                State = table.Value is null ? TableState.Streaming : TableState.Stopped,
                Error = table.Value is null ? null : new StatusError(table.Value[..8], table.Value),
            }),
        ],
    };

    private SinkStatus SinkOf(SinkOptions sink, SinkRole role)
    {
        var next = topics.ToDictionary(topic => topic.Topic, topic => topic.Partitions.Sum(partition => partition.NextOffset), StringComparer.Ordinal);
        var applied = role.Progress.Partitions.GroupBy(partition => partition.Key.Topic, StringComparer.Ordinal);
        return new SinkStatus
        {
            Name = sink.Name,
            Target = sink.Postgres is { } postgres ? $"postgres {postgres.Host}:{postgres.Port}/{postgres.Database}" : $"duckdb {sink.DuckDb?.Path}",
            State = role.Progress.Waiting is null ? RoleState.Running : RoleState.Retrying,
            Error = ErrorOf(role.Progress.Waiting),
            Tables =
            [
                .. applied.OrderBy(topic => topic.Key, StringComparer.Ordinal).Select(topic => new SinkTableStatus
                {
                    Topic = topic.Key,
                    Table = role.Progress.Tables.TryGetValue(topic.Key, out var table) ? table.Target.ToString() : "",
                    AppliedRows = topic.Sum(partition => partition.Value.Rows),
                    OffsetLag = Math.Max(0, next.GetValueOrDefault(topic.Key) - topic.Sum(partition => partition.Value.Next)),
                    LastCommit = role.Progress.LastCommit == 0 ? null : DateTimeOffset.UnixEpoch.AddMicroseconds(role.Progress.LastCommit),
                    Error = ErrorOf(role.Progress.TroubleOf(topic.Key)),
                }),
            ],
        };
    }

    private static StatusError? ErrorOf(CdcException? error) => error is null ? null : new StatusError(error.Code.ToString(), error.Message);
}

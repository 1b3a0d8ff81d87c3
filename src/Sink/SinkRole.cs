using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Consuming;
using Cdc.Sink.Writers;
using Microsoft.Extensions.Logging;

namespace Cdc.Sink;

/// <summary>
/// One sink for as long as the process lives: a session after another, each from the target's ledger on. What passes with time is tried
/// again inside of a session; a ledger that another moved is read again; anything else ends the role with its code.
/// </summary>
public sealed class SinkRole(SinkOptions options, ITopicLog log, ISchemaRegistry registry, Func<ITableWriter> openWriter, TimeProvider clock, ILogger logger)
{
    /// <summary>Shorter than for a source: a reader may hold the target's file for a moment only, and trying costs little.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Backoff backoff = new(clock, LongestPause);

    public SinkProgress Progress { get; } = new(clock);

    /// <summary>Told of the role's loop.</summary>
    public LoopHealth Health { get; init; } = new(clock);

    /// <summary>Runs until cancelled; returns in order then, and throws a <see cref="CdcException"/> that does not pass with time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var loop = Health.Register($"sink '{options.Name}'", LoopHealth.UsualPatience);
        Progress.Live(loop);
        try
        {
            await using var writer = openWriter();
            var intake = new RecordIntake(new EventDecoders(registry), new TargetNaming(options.Target.Schema, options.Target.Table), Progress);
            var applier = new BatchApplier(options.Name, writer, backoff, Trouble, Recover);
            await new SinkPipeline(options, log, intake, applier, Progress, clock, Trouble).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop while waiting.
        }
    }

    /// <summary>
    /// Whether everything the subscribed topics hold is in the target, and what vanished before a snapshot is gone; but for tables that stand still.
    /// </summary>
    public bool HasApplied(IEnumerable<TopicState> topics, TopicNotes notes)
    {
        var subscription = new Subscription(options.Subscribe);
        return topics.Where(topic => subscription.Includes(topic.Topic) && Progress.TroubleOf(topic.Topic) is null).All(topic =>
            topic.Partitions.All(state =>
                Progress.Partitions.TryGetValue(new TopicPartition(topic.Topic, state.Partition), out var applied)
                && applied.NextOffset >= state.NextOffset
                && !Sweep.IsDue(applied, notes.SnapshotOf(topic.Topic))));
    }

    private void Trouble(CdcException error)
    {
        Progress.Note(error);
        if (ErrorPolicy.For(error.Kind) != ErrorResponse.Retry)
        {
            Log.TableStopped(logger, options.Name, error.Describe());
            return;
        }

        if (backoff.IsGrowing || !string.Equals(error.Message, Progress.Waiting?.Message, StringComparison.Ordinal))
            Log.Retrying(logger, options.Name, error.Code.ToString(), error.Message);
        Progress.Waiting = error;
    }

    private void Recover()
    {
        Progress.Waiting = null;
        Log.GoesOn(logger, options.Name);
    }
}

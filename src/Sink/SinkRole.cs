using Cdc.Contracts.Errors;
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
    public SinkProgress Progress { get; } = new();

    /// <summary>Runs until cancelled; returns in order then, and throws a <see cref="CdcException"/> that does not pass with time.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var writer = openWriter();
            var intake = new RecordIntake(new EventDecoders(registry), new TargetNaming(options.Target.Schema, options.Target.Table), Progress);
            var applier = new BatchApplier(options.Name, writer, clock, Trouble);
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
        if (ErrorPolicy.For(error.Kind) != ErrorResponse.Retry)
        {
            Log.TableStopped(logger, options.Name, error.Describe());
            return;
        }

        Progress.Waiting = error;
        Log.Retrying(logger, options.Name, error.Code.ToString(), error.Message);
    }
}

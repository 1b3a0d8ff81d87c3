using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Consuming;
using Cdc.Sink.Ledger;
using Cdc.Sink.SchemaEvolution;
using Cdc.Sink.Writers;
using Microsoft.Extensions.Logging;

namespace Cdc.Sink;

/// <summary>
/// One sink for as long as the process lives: a session after another, each from the target's ledger on. What passes with time is tried
/// again inside of a session; a ledger that another moved is read again; anything else ends the role with its code.
/// </summary>
public sealed class SinkRole
{
    /// <summary>Shorter than for a source: a reader may hold the target's file for a moment only, and trying costs little.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the pipeline gives its target.</summary>
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(12);

    private readonly SinkOptions options;
    private readonly ITopicLog log;
    private readonly ISchemaRegistry registry;
    private readonly Func<ITableWriter> openWriter;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Backoff backoff;
    private readonly TopicTroubles troubles;
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private BatchApplier? applier;

    public SinkRole(
        SinkOptions options, ITopicLog log, ISchemaRegistry registry, Func<ITableWriter> openWriter, TimeProvider clock, ILogger logger)
    {
        this.options = options;
        this.log = log;
        this.registry = registry;
        this.openWriter = openWriter;
        this.clock = clock;
        this.logger = logger;
        backoff = new Backoff(clock, LongestPause);
        troubles = new TopicTroubles(clock, options.Retry.Longest)
        {
            OnStopped = Stopped, OnPassed = topic => Log.TableResumed(logger, options.Name, topic),
        };
        Progress = new SinkProgress(clock, troubles);
        Health = new LoopHealth(clock);
    }

    public SinkProgress Progress { get; }

    /// <summary>Has a source's table read again, for the sink lacks rows of it. Called once a topic.</summary>
    public Func<SourceTableName, Task>? AskForReread { get; init; }

    /// <summary>Told of the role's loop.</summary>
    public LoopHealth Health { get; init; }

    /// <summary>
    /// Runs until cancelled; returns in order then, and throws a <see cref="CdcException"/> that does not pass with time. A target that
    /// does not even let a statement be called off is left alone with it: what it commits later, its ledger tells.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource();
        await using var stop = cancellationToken.UnsafeRegister(_ => limit.CancelAfter(LongestFarewell), null);
        try
        {
            await Task.Run(() => RunToTheEndAsync(cancellationToken), CancellationToken.None).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop while waiting.
        }
    }

    private async Task RunToTheEndAsync(CancellationToken cancellationToken)
    {
        using var loop = Health.Register($"sink '{options.Name}'", LoopHealth.UsualPatience);
        Progress.Live(loop);
        await using var writer = openWriter();
        var decoders = new EventDecoders(registry, new MetadataColumns(options.Target.Metadata.Prefix))
        {
            OnLeftOut = table => Log.ColumnsLeftOut(logger, options.Name, table.ToString(), options.Target.Metadata.Prefix),
        };
        var intake = new RecordIntake(
            decoders, new TargetNaming(options.Target.Schema, options.Target.Table),
            new ValueLimit(options.Name, options.MaxValueSizeBytes), Progress, troubles);
        applier = new BatchApplier(options.Identity, writer, backoff, troubles, Trouble, Recover, cancellationToken)
        {
            RenewNotes = notes => TopicNotes.ReadAsync(log, notes, CancellationToken.None),
        };
        await new SinkPipeline(options, new SinkParts(log, intake, applier, troubles), Progress, clock,
            Trouble).RunAsync(cancellationToken);
    }

    /// <summary>
    /// Whether everything the subscribed topics hold is in the target, and what vanished before a snapshot is gone; but for tables that
    /// are stopped. One that somebody has a lock on is waited for, and so is one that may continue at a snapshot which the sink has not
    /// seen yet.
    /// </summary>
    public bool HasApplied(IEnumerable<TopicState> topics, TopicNotes notes)
    {
        var subscription = new Subscription(options.Subscribe);
        return notes.HasLineagesOf(Progress.Judged) && topics.Where(topic => subscription.Includes(topic.Topic)).All(topic =>
            IsStill(topic.Topic, notes) || topic.Partitions.All(state =>
                Progress.Partitions.TryGetValue(new TopicPartition(topic.Topic, state.Partition), out var applied)
                && applied.NextOffset >= state.NextOffset
                && !Sweep.IsDue(applied, notes.SnapshotOf(topic.Topic))));
    }

    private bool IsStill(string topic, TopicNotes notes) => Progress.TroubleOf(topic) is not null && !Progress.IsLocked(topic)
        && string.Equals(notes.SnapshotOf(topic)?.Id, Progress.Judged.SnapshotOf(topic)?.Id, StringComparison.Ordinal);

    private void Trouble(CdcException error)
    {
        Progress.Note(error);
        if (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            Log.TableStopped(logger, options.Name, error.Describe());
            return;
        }

        if (backoff.IsGrowing || !string.Equals(error.Message, Progress.Waiting?.Message, StringComparison.Ordinal))
            Log.Retrying(logger, options.Name, error.Code.ToString(), error.Message);
        if (ErrorPolicy.For(error.Kind) == ErrorResponse.Retry || error.Kind == ErrorKind.TargetAccessDenied)
            Progress.Waiting = error;
    }

    /// <summary>What fails again in the same way is no news.</summary>
    private void Stopped(string topic, TableTrouble trouble, TableTrouble? before)
    {
        Progress.Note(trouble.Error);
        if (before?.Error.Code != trouble.Error.Code)
            Log.TableStopped(logger, options.Name, trouble.Error.Describe());

        // The first time a re-read may be about to begin by itself, for the catalog is looked at now and then. A table that was never read
        // is not read unasked.
        if (trouble.Tries > 1 && trouble.Error.Code == ErrorCodes.TargetRowIncomplete && applier!.Notes is var notes
            && notes.SnapshotOf(topic) is not null && notes.TableOf(topic) is { } table && asked.Add(topic))
            _ = AskAsync(table);
    }

    private async Task AskAsync(SourceTableName table)
    {
        try
        {
            await (AskForReread?.Invoke(table) ?? Task.CompletedTask);
            Log.AskedForReread(logger, options.Name, table.Schema, table.Table);
        }
        catch (CdcException error)
        {
            Trouble(error);
        }
    }

    private void Recover()
    {
        Progress.Waiting = null;
        Log.Resumed(logger, options.Name);
    }
}

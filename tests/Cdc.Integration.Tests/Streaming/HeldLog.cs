using Cdc.Contracts.Topics;
using Cdc.Testing;

namespace Cdc.Integration.Tests.Streaming;

/// <summary>A log whose appends are stalled as long as they are held, and are done then.</summary>
internal sealed class HeldLog(ITopicLog log) : WrappedLog(log)
{
    private volatile TaskCompletionSource? gate;
    private TaskCompletionSource held = NewSignal();
    private Func<bool>? condition;

    /// <summary>Ends when an append is stalled.</summary>
    public Task Held => held.Task;

    /// <summary>Appends are stalled from now on, or from the first one at which something is so.</summary>
    public void Hold(Func<bool>? when = null)
    {
        held = NewSignal();
        condition = when;
        gate = NewSignal();
    }

    public void Release()
    {
        var open = gate;
        gate = null;
        open?.SetResult();
    }

    public override async ValueTask<ITopicLogWriter> OpenWriterAsync(string prefix, CancellationToken cancellationToken) =>
        new Writer(this, await base.OpenWriterAsync(prefix, cancellationToken));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        if (gate is not { } closed || condition?.Invoke() == false)
            return;
        condition = null;
        held.TrySetResult();
        await closed.Task.WaitAsync(cancellationToken);
    }

    private sealed class Writer(HeldLog log, ITopicLogWriter writer) : ITopicLogWriter
    {
        public Checkpoint Checkpoint => writer.Checkpoint;

        public ValueTask<TopicState> EnsureTopicAsync(string topic, int partitions, CancellationToken cancellationToken) =>
            writer.EnsureTopicAsync(topic, partitions, cancellationToken);

        public async ValueTask AppendAsync(
            RecordBatch batch, Func<AppendedOffsets, IReadOnlyList<CheckpointEntry>> checkpoint, CancellationToken cancellationToken)
        {
            await log.PassAsync(cancellationToken);
            await writer.AppendAsync(batch, checkpoint, cancellationToken);
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}

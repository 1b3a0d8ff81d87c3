using System.Diagnostics;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;
using Cdc.Sink.Ledger;
using Cdc.Sink.Writers.DuckDb;
using Cdc.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cdc.Sink.Tests;

public sealed class SinkPaceTests
{
    private static readonly TopicPartition Partition = new("shop.t", 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A slow target costs no processor time: what is ready waits for the batch before.</summary>
    [Fact]
    public async Task Batch_that_waits_for_the_one_before_asks_the_log_now_and_then_only()
    {
        await using var memory = new MemoryTopicLog();
        await AppendAsync(memory);
        await using var log = new CountedLog(memory);
        var began = 0;
        var applying = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var role = new SinkRole(
            new SinkOptions { Name = "warehouse" }, log, new NoRegistry(),
            () => new EmptyTarget(token => Interlocked.Increment(ref began) == 1 ? Task.CompletedTask : applying.Task.WaitAsync(token)),
            TimeProvider.System, NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = role.RunAsync(stop.Token);
        await Eventually.HoldsAsync("the target has the first batch", () => Volatile.Read(ref began) > 1);

        await AppendAsync(memory);
        await Eventually.HoldsAsync("the second one is old", OfTime(TimeSpan.FromMilliseconds(300)));
        var before = log.Reads;
        await Eventually.HoldsAsync("a second goes by", OfTime(TimeSpan.FromSeconds(1)));
        Assert.InRange(log.Reads - before, 0, 20);

        applying.SetResult();
        await Eventually.HoldsAsync("both are applied", () => role.Progress.Partitions.TryGetValue(Partition, out var entry)
            && entry.NextOffset == 2);
        await stop.CancelAsync();
        await running;
    }

    /// <summary>What comes meanwhile comes with the next batch, and the sink does not spin.</summary>
    [Fact]
    public async Task File_is_left_closed_for_a_while_between_batches()
    {
        await using var memory = new MemoryTopicLog();
        await AppendAsync(memory);
        await using var log = new CountedLog(memory);
        var options = new SinkOptions
        {
            Name = "warehouse", DuckDb = new DuckDbTargetOptions { Path = "none" }, Batch = new BatchOptions { Time = TimeSpan.Zero },
        };
        await using var sink = new SteppedSink(options, log);
        await Eventually.HoldsAsync("the first one is applied", sink.IsAt(1));
        var opened = sink.Transactions;

        await AppendAsync(memory);
        await AppendAsync(memory);
        var reads = log.Reads;
        await Eventually.HoldsAsync("it looks again and again", () => log.Reads > reads + 3);
        Assert.True(sink.IsAt(1)());
        Assert.Equal(opened, sink.Transactions);

        sink.Clock.Advance(options.DuckDb!.ClosedTime);
        await Eventually.HoldsAsync("all are applied", sink.IsAt(3));
        Assert.Equal(opened + 1, sink.Transactions);
    }

    /// <summary>A log that takes offsets for itself ends behind the last record: who waits for the end sees it reached.</summary>
    [Fact]
    public async Task Ledger_reaches_the_end_over_offsets_without_records_and_seldom_moves_for_them_alone()
    {
        await using var log = new MemoryTopicLog { HasMarkers = true };
        await AppendAsync(log);
        var options = new SinkOptions { Name = "warehouse", Batch = new BatchOptions { Time = TimeSpan.Zero } };
        await using var sink = new SteppedSink(options, log);
        Func<Task<bool>> hasApplied = async () => sink.HasApplied(await log.DescribeTopicsAsync(_ => true, Token));
        await Eventually.HoldsAsync("the record is applied", sink.IsAt(1));
        var opened = sink.Transactions;
        Assert.False(await hasApplied());

        await AppendAsync(log);
        await Eventually.HoldsAsync("the next record is applied, and the marker before it", sink.IsAt(3));
        Assert.Equal(opened + 1, sink.Transactions);
        Assert.False(await hasApplied());

        await Eventually.HoldsAsync("the end is reached", async () =>
        {
            sink.Clock.Advance(TimeSpan.FromSeconds(1));
            return await hasApplied();
        });
        Assert.True(sink.IsAt(4)());
        Assert.Equal(opened + 2, sink.Transactions);
    }

    private static Func<bool> OfTime(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        return () => clock.Elapsed >= time;
    }

    /// <summary>A tombstone needs no schema.</summary>
    private static async Task AppendAsync(MemoryTopicLog log)
    {
        await using var writer = await log.OpenWriterAsync("shop", Token);
        await writer.EnsureTopicAsync(Partition.Topic, 1, Token);
        var partitions = new PartitionTable();
        using var batch = new RecordBatch(partitions);
        batch.BeginRecord(partitions.Add(Partition));
        batch.EndKey(isNull: true);
        batch.EndValue(isNull: true);
        batch.EndRecord();
        await writer.AppendAsync(batch, _ => [], Token);
    }

    /// <summary>A sink that runs by a stepped clock, and how many transactions its target began.</summary>
    private sealed class SteppedSink : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        private readonly SinkRole role;
        private readonly Task running;
        private int transactions;

        public SteppedSink(SinkOptions options, ITopicLog log)
        {
            role = new SinkRole(options, log, new NoRegistry(), () => new EmptyTarget(_ =>
            {
                Interlocked.Increment(ref transactions);
                return Task.CompletedTask;
            }), Clock, NullLogger.Instance);
            running = role.RunAsync(stop.Token);
        }

        public SteppedClock Clock { get; } = new();

        public int Transactions => Volatile.Read(ref transactions);

        public Func<bool> IsAt(long offset) =>
            () => role.Progress.Partitions.TryGetValue(Partition, out var entry) && entry.NextOffset == offset;

        public bool HasApplied(IEnumerable<TopicState> topics) => role.HasApplied(topics, TopicNotes.None);

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running;
            stop.Dispose();
        }
    }

    /// <summary>Counts how often a reader is asked.</summary>
    private sealed class CountedLog(MemoryTopicLog log) : WrappedLog(log)
    {
        private int reads;

        public int Reads => Volatile.Read(ref reads);

        public override async ValueTask<ITopicReader> OpenReaderAsync(
            IReadOnlyList<TopicOffset> from, CancellationToken cancellationToken) =>
            new Reader(this, await base.OpenReaderAsync(from, cancellationToken));

        private sealed class Reader(CountedLog log, ITopicReader reader) : ITopicReader
        {
            public ValueTask<RecordBlock> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
            {
                Interlocked.Increment(ref log.reads);
                return reader.ReadAsync(wait, cancellationToken);
            }

            public ValueTask DisposeAsync() => reader.DisposeAsync();
        }
    }
}

using Cdc.Contracts.Errors;
using Cdc.Contracts.Health;

namespace Cdc.Transport.Embedded;

/// <summary>
/// The one writer of the folder's files: a thread that takes what is waiting, writes it at once, flushes it once, and only then answers
/// and lets readers see it (Invariant 1). A write or flush that fails ends it: what the file holds then is unknown until it is opened
/// again.
/// </summary>
internal sealed class Journal : IAsyncDisposable
{
    /// <summary>Bytes that go to the file in one write at most, unless one group has more.</summary>
    private const long WriteBytes = 8 << 20;

    private readonly JournalFolder folder;
    private readonly IJournalStorage storage;
    private readonly EmbeddedLogOptions options;
    private readonly JournalStage stage;
    private readonly object gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LoopHealth health;
    private List<JournalRequest> waiting = [];
    private bool closing;
    private CdcException? failure;

    private Journal(
        JournalFolder folder, IJournalStorage storage, EmbeddedLogOptions options, JournalStage stage, DurableView view, LoopHealth health)
    {
        (this.folder, this.storage, this.options, this.stage, this.health) = (folder, storage, options, stage, health);
        View = view;
    }

    public DurableView View { get; }

    /// <summary>Bytes of an append that never ended which were cut off at opening.</summary>
    public long TornBytes { get; private init; }

    public static Journal Open(EmbeddedLogOptions options, TimeProvider time, IJournalStorage storage, LoopHealth health)
    {
        JournalFolder? opened = null;
        SegmentWriter? writer = null;
        try
        {
            opened = JournalFolder.Open(options.Path);
            var age = new JournalAge(time, options.RetentionAge);
            (writer, var segments, var state) = JournalOpening.TryRead(opened, age, out var found)
                ? (Continue(found, storage), found.Segments, found.State)
                : Create(opened, storage, age);
            var journal = new Journal(opened, storage, options, new JournalStage(state, writer, age), new DurableView(segments, state),
                health)
            {
                TornBytes = found?.TornBytes ?? 0,
            };
            segments[0].LoadHead();
            journal.EnforceRetention();
            new Thread(journal.Run) { IsBackground = true, Name = "log writer" }.Start();
            return journal;
        }
        catch (Exception error)
        {
            writer?.Dispose();
            opened?.Dispose();
            if (JournalErrors.IsStorageFailure(error))
                throw JournalErrors.StorageFailed("Opening the log in", options.Path, error);
            throw;
        }
    }

    public Task<T> AskAsync<T>(JournalRequest<T> request)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closing, typeof(EmbeddedLog));
            if (failure is not null)
                throw new CdcException(failure.Code, failure.Message, failure);
            waiting.Add(request);
            Monitor.Pulse(gate);
        }

        return request.Answer;
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (closing)
                return;
            closing = true;
            Monitor.Pulse(gate);
        }

        await ended.Task;
        View.Close();
        stage.Segment.Dispose();
        folder.Dispose();
    }

    private static SegmentWriter Continue(JournalOpening found, IJournalStorage storage)
    {
        var writer = SegmentWriter.Continue(storage, found.Segments[^1], found.HeadEnd, found.Sequence);
        if (found.TornBytes > 0)
            writer.CutTail();
        writer.WriteAgain(found.LastWriteStart);
        return writer;
    }

    private static (SegmentWriter Writer, List<Segment> Segments, JournalState State) Create(
        JournalFolder folder, IJournalStorage storage, JournalAge age)
    {
        var state = new JournalState();
        var now = age.WallMs;
        age.Begin(now, now);
        var header = new SegmentHeader(Guid.NewGuid(), Number: 1, FirstSequence: 1, PreviousLength: 0, now);
        var path = folder.PathOf(header.Number);
        var writer = SegmentWriter.Create(storage, path, header, state, now);
        return (writer, [new Segment(path, header) { Length = writer.Position }], state);
    }

    private void Run()
    {
        using (var loop = health.Register("the log's writer", LoopHealth.UsualPatience))
        {
            while (TakeWaiting(loop) is { Count: > 0 } requests)
                Serve(requests);
        }

        ended.TrySetResult();
    }

    /// <summary>
    /// Everything that waits, once there is something; nothing when the log is closed. No spinning: the disk is slower than a wake-up.
    /// </summary>
    private List<JournalRequest> TakeWaiting(Loop loop)
    {
        using var wait = loop.Wait("appends");
        lock (gate)
        {
            while (waiting.Count == 0 && !closing)
                Monitor.Wait(gate);
            var taken = waiting;
            waiting = [];
            return taken;
        }
    }

    private void Serve(List<JournalRequest> requests)
    {
        var staged = new List<JournalRequest>(requests.Count);
        try
        {
            if (failure is null)
            {
                StageAll(requests, staged);
                stage.Segment.Flush();
                View.Publish(stage.State, stage.Segment.Position);
                staged.ForEach(request => request.Complete(View));
                EnforceRetention();
                return;
            }
        }
        catch (Exception error)
        {
            lock (gate)
            {
                failure = error switch
                {
                    CdcException coded => coded,
                    _ when JournalErrors.IsStorageFailure(error) => JournalErrors.StorageFailed("Writing the log in", folder.Path, error),
                    _ => new CdcException(
                        ErrorCodes.Internal, $"Writing the log in '{folder.Path}', an error was met that should not be: {error.Message}",
                        error),
                };
            }
        }

        requests.ForEach(request => request.Fail(failure));
    }

    private void StageAll(List<JournalRequest> requests, List<JournalRequest> staged)
    {
        foreach (var request in requests)
        {
            if (stage.Segment.GatheredBytes >= WriteBytes)
                stage.Segment.Flush();
            if (IsSegmentFull())
                BeginSegment();
            try
            {
                request.Stage(stage);
                staged.Add(request);
            }
            catch (Exception error)
            {
                request.Fail(error);
            }
        }
    }

    private bool IsSegmentFull()
    {
        var segment = stage.Segment;
        var bytes = segment.Position + segment.GatheredBytes - segment.HeadEnd;
        return bytes > 0 && (bytes >= options.SegmentBytes || IsTooOld(View.Segments[^1].Header.CreatedMs));
    }

    private bool IsTooOld(long sinceMs) =>
        options.RetentionAge is { } most && stage.Age.NowMs - sinceMs > most.TotalMilliseconds;

    private void BeginSegment()
    {
        stage.Segment.Flush();
        View.Publish(stage.State, stage.Segment.Position);
        var last = View.Segments[^1];
        var header = new SegmentHeader(last.Header.LogId, last.Number + 1, stage.Segment.Sequence + 1, stage.Segment.Position,
            stage.Age.NowMs);
        var path = folder.PathOf(header.Number);
        var writer = SegmentWriter.Create(storage, path, header, stage.State, stage.Age.WallMs);
        stage.Segment.Dispose();
        stage.Segment = writer;
        var segment = new Segment(path, header) { Length = writer.Position };
        segment.SetHeadOffsets(stage.State.NextOffsets);
        View.Add(segment);
    }

    /// <summary>
    /// Removes the oldest segments while they are too old or too many. The next one's head says where partitions begin then.
    /// </summary>
    private void EnforceRetention()
    {
        for (var segments = View.Segments; segments.Length > 1; segments = View.Segments)
        {
            // A segment's last record is not younger than the one after it.
            var isDue = IsTooOld(segments[1].Header.CreatedMs) || segments.Sum(segment => segment.Length) > options.RetentionBytes;
            if (!isDue)
                return;
            segments[1].LoadHead();
            View.RemoveOldest();
            File.Delete(segments[0].Path);
            storage.FlushFolder(folder.Path);
        }
    }
}

namespace Cdc.Transport.Embedded;

/// <summary>Something asked of the journal's thread, which takes requests in their order.</summary>
internal abstract class JournalRequest
{
    /// <summary>Adds what is asked to the stage. One that throws changed nothing, and fails alone.</summary>
    public abstract void Stage(JournalStage stage);

    /// <summary>What was staged is durable.</summary>
    public abstract void Complete(DurableView view);

    public abstract void Fail(Exception error);
}

/// <summary>A request with an answer.</summary>
internal abstract class JournalRequest<T> : JournalRequest
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => completion.Task;

    public override void Complete(DurableView view) => completion.TrySetResult(Result(view));

    public override void Fail(Exception error) => completion.TrySetException(error);

    protected abstract T Result(DurableView view);
}

using Cdc.Contracts.Topics;

namespace Cdc.Transport.Tests;

/// <summary>A log under test, and what the tests need of it beside its port.</summary>
public abstract class TopicLogHarness : IAsyncDisposable
{
    public abstract ITopicLog Log { get; }

    /// <summary>How long nothing comes when nothing is left.</summary>
    public virtual TimeSpan Quiet => TimeSpan.Zero;

    /// <summary>Offsets that each append takes for the log itself, behind its records, of each partition that got some.</summary>
    public virtual int Markers => 0;

    /// <summary>Closes the log and opens it again, as another process would.</summary>
    public abstract Task ReopenAsync();

    /// <summary>Lets the log forget every record appended so far, as retention does.</summary>
    public abstract Task ForgetAllAsync();

    public abstract ValueTask DisposeAsync();
}

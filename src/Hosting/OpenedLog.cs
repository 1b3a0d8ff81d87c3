using Cdc.Contracts.Topics;

namespace Cdc.Hosting;

/// <summary>A log that is open, with its registry: the only way from the captures of a process to its sinks.</summary>
/// <param name="topics">The log.</param>
/// <param name="registry">Its schemas.</param>
/// <param name="sizeBytes">Tells what it takes on disk.</param>
/// <param name="others">What is disposed with it, before it.</param>
public sealed class OpenedLog(ITopicLog topics, ISchemaRegistry registry, Func<long> sizeBytes, params IReadOnlyList<IDisposable> others)
    : IAsyncDisposable
{
    public ITopicLog Topics => topics;

    public ISchemaRegistry Registry => registry;

    /// <summary>What the log takes on disk, in bytes.</summary>
    public long SizeBytes => sizeBytes();

    public async ValueTask DisposeAsync()
    {
        foreach (var other in others)
            other.Dispose();
        await topics.DisposeAsync();
    }
}

/// <summary>Opens a log; this process is its owner then.</summary>
public delegate Task<OpenedLog> LogOpening(CancellationToken cancellationToken);

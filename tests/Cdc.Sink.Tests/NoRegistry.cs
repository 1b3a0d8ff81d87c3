using Cdc.Contracts.Topics;

namespace Cdc.Sink.Tests;

/// <summary>A registry that is not asked.</summary>
internal sealed class NoRegistry : ISchemaRegistry
{
    public ValueTask<int> RegisterAsync(string subject, string schemaText, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<string?> LatestAsync(string subject, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<string> GetAsync(int id, CancellationToken cancellationToken) => throw new NotSupportedException();
}

using Cdc.Contracts.Topics;

namespace Cdc.Benchmarks.Capture;

/// <summary>Schemas by number, in memory.</summary>
internal sealed class MemoryRegistry : ISchemaRegistry
{
    private readonly List<string> schemas = [];

    public ValueTask<int> RegisterAsync(string subject, string schemaText, CancellationToken cancellationToken)
    {
        schemas.Add(schemaText);
        return ValueTask.FromResult(schemas.Count);
    }

    public ValueTask<string?> LatestAsync(string subject, CancellationToken cancellationToken) => ValueTask.FromResult<string?>(null);

    public ValueTask<string> GetAsync(int id, CancellationToken cancellationToken) => ValueTask.FromResult(schemas[id - 1]);
}

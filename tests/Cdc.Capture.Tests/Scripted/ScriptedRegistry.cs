using System.Collections.Concurrent;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Tests.Scripted;

/// <summary>Schemas in memory; it refuses subjects that a test names.</summary>
internal sealed class ScriptedRegistry : ISchemaRegistry
{
    private readonly ConcurrentDictionary<int, string> schemas = new();
    private readonly ConcurrentDictionary<string, string> latest = new(StringComparer.Ordinal);

    /// <summary>Subjects that are refused as incompatible.</summary>
    public ConcurrentDictionary<string, bool> Refused { get; } = new(StringComparer.Ordinal);

    public ValueTask<int> RegisterAsync(string subject, string schemaText, CancellationToken cancellationToken)
    {
        if (Refused.ContainsKey(subject))
            throw new CdcException(ErrorCodes.SchemaIncompatible, $"Registering a schema of '{subject}', it was found to be incompatible.");
        var id = schemas.Count + 1;
        schemas[id] = latest[subject] = schemaText;
        return ValueTask.FromResult(id);
    }

    public ValueTask<string?> LatestAsync(
        string subject, CancellationToken cancellationToken) => ValueTask.FromResult(latest.GetValueOrDefault(subject));

    public ValueTask<string> GetAsync(int id, CancellationToken cancellationToken) => ValueTask.FromResult(schemas[id]);
}

namespace Cdc.Contracts.Topics;

/// <summary>The schemas that records carry the numbers of, for who only reads.</summary>
public interface IReadOnlySchemaRegistry
{
    /// <summary>The text of a subject's newest version; null where it has none.</summary>
    ValueTask<string?> LatestAsync(string subject, CancellationToken cancellationToken);

    /// <summary>A schema's text by its number; <c>CDC-4011</c> where there is none.</summary>
    ValueTask<string> GetAsync(int id, CancellationToken cancellationToken);
}

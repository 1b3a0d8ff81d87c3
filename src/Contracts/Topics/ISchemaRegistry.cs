namespace Cdc.Contracts.Topics;

/// <summary>Where schemas are kept under numbers that records carry (Confluent wire format).</summary>
public interface ISchemaRegistry
{
    /// <summary>
    /// The number of a schema under a subject; registered where it is new, after its compatibility was asked: an incompatible one is
    /// refused with <c>CDC-4010</c> and nothing is changed. Subjects of keys take any: a table whose key becomes another one is read again,
    /// and nobody reads keys of before by the new schema. Durable when this returns.
    /// </summary>
    ValueTask<int> RegisterAsync(string subject, string schemaText, CancellationToken cancellationToken);

    /// <summary>The text of a subject's newest version; null where it has none.</summary>
    ValueTask<string?> LatestAsync(string subject, CancellationToken cancellationToken);

    /// <summary>A schema's text by its number; <c>CDC-4011</c> where there is none.</summary>
    ValueTask<string> GetAsync(int id, CancellationToken cancellationToken);
}

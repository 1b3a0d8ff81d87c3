namespace Cdc.Contracts.Topics;

/// <summary>Where schemas are kept under numbers that records carry (Confluent wire format).</summary>
public interface ISchemaRegistry : IReadOnlySchemaRegistry
{
    /// <summary>
    /// The number of a schema under a subject; registered where it is new, after its compatibility was asked: an incompatible one is
    /// refused with <c>CDC-4010</c> and nothing is changed. Subjects of keys take any: a table whose key becomes another one is read again,
    /// and nobody reads keys of before by the new schema. Durable when this returns.
    /// </summary>
    ValueTask<int> RegisterAsync(string subject, string schemaText, CancellationToken cancellationToken);
}

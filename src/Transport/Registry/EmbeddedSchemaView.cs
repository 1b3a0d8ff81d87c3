using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Registry;

/// <summary>
/// The schemas that an embedded log's folder held when they were read, for who only looks: the file is not changed and not kept open.
/// Errors as
/// <see cref="EmbeddedSchemaRegistry"/>'s.
/// </summary>
public sealed class EmbeddedSchemaView : IReadOnlySchemaRegistry
{
    private readonly RegisteredSchemas schemas;

    private EmbeddedSchemaView(RegisteredSchemas schemas) => this.schemas = schemas;

    /// <summary>Reads the registry in a log's folder, which may have none yet.</summary>
    public static EmbeddedSchemaView Read(string logPath)
    {
        var path = Path.Combine(Path.GetFullPath(logPath), EmbeddedSchemaRegistry.FileName);
        var found = new RegisteredSchemas(path);
        try
        {
            if (File.Exists(path))
                found.Read(File.ReadAllBytes(path));
            return new EmbeddedSchemaView(found);
        }
        catch (Exception error) when (JournalErrors.IsStorageFailure(error))
        {
            throw JournalErrors.StorageFailed("Reading the schema registry", path, error);
        }
    }

    public ValueTask<string?> LatestAsync(
        string subject, CancellationToken cancellationToken) => ValueTask.FromResult(schemas.Latest(subject));

    public ValueTask<string> GetAsync(int id, CancellationToken cancellationToken) => ValueTask.FromResult(schemas.Get(id));
}

using System.Globalization;
using Cdc.Contracts.Avro;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Registry;

/// <summary>
/// The schemas of an embedded log, in the file <c>registry.jsonl</c> of its folder: a line per subject and version, in order, flushed
/// before its number is given out. The same text has one number under all subjects. One process has the file open at a time. Errors as
/// <see cref="EmbeddedLog"/>'s.
/// </summary>
public sealed class EmbeddedSchemaRegistry : ISchemaRegistry, IDisposable
{
    public const string FileName = "registry.jsonl";

    private readonly Lock gate = new();
    private readonly IJournalStorage storage;
    private readonly FileStream file;
    private readonly RegisteredSchemas schemas;
    private long length;
    private CdcException? failure;

    private EmbeddedSchemaRegistry(IJournalStorage storage, FileStream file)
    {
        this.storage = storage;
        this.file = file;
        schemas = new RegisteredSchemas(file.Name);
    }

    /// <summary>Opens the registry in a log's folder, or makes one. The rest of a line whose writing never ended is cut off.</summary>
    public static EmbeddedSchemaRegistry Open(string logPath) => Open(logPath, DiskStorage.Instance);

    internal static EmbeddedSchemaRegistry Open(string logPath, IJournalStorage storage)
    {
        var folder = Path.GetFullPath(logPath);
        var path = Path.Combine(folder, FileName);
        EmbeddedSchemaRegistry? registry = null;
        try
        {
            DiskStorage.CreateFolder(folder);
            registry = new EmbeddedSchemaRegistry(storage, OpenFile(path));
            registry.ReadAll();
            storage.FlushFolder(folder);
            return registry;
        }
        catch (Exception error)
        {
            registry?.Dispose();
            if (JournalErrors.IsStorageFailure(error))
                throw JournalErrors.StorageFailed("Opening the schema registry", path, error);
            throw;
        }
    }

    /// <summary>What was cut off at opening, for people; null where nothing was.</summary>
    public string? CutOff { get; private set; }

    public ValueTask<int> RegisterAsync(string subject, string schemaText, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
            return ValueTask.FromResult(Register(subject, schemaText));
    }

    public ValueTask<string?> LatestAsync(string subject, CancellationToken cancellationToken)
    {
        lock (gate)
            return ValueTask.FromResult(schemas.Latest(subject));
    }

    public ValueTask<string> GetAsync(int id, CancellationToken cancellationToken)
    {
        lock (gate)
            return ValueTask.FromResult(schemas.Get(id));
    }

    public void Dispose() => file.Dispose();

    private static FileStream OpenFile(string path)
    {
        try
        {
            return DiskStorage.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (DiskStorage.IsHeldElsewhere(error))
        {
            throw new CdcException(ErrorCodes.LogLocked, $"Opening the schema registry '{path}', it was found open elsewhere.", error);
        }
    }

    private int Register(string subject, string schemaText)
    {
        if (failure is not null)
            throw new CdcException(failure.Code, failure.Message, failure);
        var versions = schemas.VersionsOf(subject);
        var isKnown = schemas.TryFind(schemaText, out var id);
        if (isKnown && versions.Contains(id))
            return id;
        if (versions.Count > 0 && !TopicNaming.IsKeySubject(subject))
            RequireCompatible(subject, schemaText, versions[^1]);
        else
            AvroSchemaText.Parse(schemaText);
        if (!isKnown)
            id = schemas.Count + 1;
        var line = new RegistryLine(id, subject, versions.Count + 1, schemaText);
        Append(line);
        schemas.Add(line);
        return id;
    }

    /// <summary>The new schema has to read what the subject's latest one wrote: the rule BACKWARD.</summary>
    private void RequireCompatible(string subject, string schemaText, int latest)
    {
        if (SchemaCompatibility.Find(AvroSchemaText.Parse(schemaText), AvroSchemaText.Parse(schemas.Get(latest))) is { } incompatibility)
            throw new CdcException(ErrorCodes.SchemaIncompatible, string.Create(CultureInfo.InvariantCulture,
                $"Registering a schema under '{subject}', it was found that it cannot read what " +
                $"schema {latest} wrote: {incompatibility}."));
    }

    private void Append(RegistryLine line)
    {
        try
        {
            var bytes = line.ToBytes();
            storage.Write(file.SafeFileHandle, [bytes], length);
            storage.Flush(file.SafeFileHandle);
            length += bytes.Length;
        }
        catch (Exception error) when (JournalErrors.IsStorageFailure(error))
        {
            throw failure = JournalErrors.StorageFailed("Writing the schema registry", file.Name, error);
        }
    }

    private void ReadAll()
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        length = schemas.Read(bytes);
        if (length < bytes.Length)
        {
            CutOff = FormattableString.Invariant(
                $"{bytes.Length - length} bytes at the end of '{file.Name}' were of a schema that was never given out; they were cut off.");
            file.SetLength(length);
        }

        // Also what a process before this one wrote and may not have flushed.
        storage.Flush(file.SafeFileHandle);
    }
}

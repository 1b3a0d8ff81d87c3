using Cdc.Contracts.Errors;
using Cdc.Transport.Embedded;
using Cdc.Transport.Registry;

namespace Cdc.Transport;

/// <summary>
/// The folder of an embedded log, held so that nobody opens the log meanwhile, to be emptied of what the log put there. Errors:
/// <c>CDC-3002</c> another process has it, <c>CDC-3003</c> the disk failed.
/// </summary>
public sealed class EmbeddedLogErasure : IDisposable
{
    private readonly JournalFolder folder;

    private EmbeddedLogErasure(JournalFolder folder) => this.folder = folder;

    /// <summary>The identity of the log there; null where there is none, or none that can be read.</summary>
    public string? LogId
    {
        get
        {
            try
            {
                if (folder.ListFiles() is not [var oldest, ..])
                    return null;
                using var reader = new SegmentReader(oldest);
                return reader.Header.LogId.ToString("N");
            }
            catch (CdcException)
            {
                return null;
            }
        }
    }

    /// <summary>Takes the lock that a running log has; whether the log is damaged does not matter.</summary>
    public static EmbeddedLogErasure Hold(string path) => new(JournalFolder.Open(path));

    /// <summary>
    /// Removes segments and registry and nothing else; the lock stays. The oldest segment goes first, as retention does it, and the schemas
    /// go last: broken off anywhere, what is left is a log still, with its checkpoint, and this can be called again.
    /// </summary>
    public int Erase()
    {
        try
        {
            var files = folder.ListFiles().Append(Path.Combine(folder.Path, EmbeddedSchemaRegistry.FileName)).Where(File.Exists).ToList();
            foreach (var file in files)
                File.Delete(file);
            DiskStorage.Instance.FlushFolder(folder.Path);
            return files.Count;
        }
        catch (Exception error) when (JournalErrors.IsStorageFailure(error))
        {
            throw JournalErrors.StorageFailed("Emptying the log's folder", folder.Path, error);
        }
    }

    public void Dispose() => folder.Dispose();
}

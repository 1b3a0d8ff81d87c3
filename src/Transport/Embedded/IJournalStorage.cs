using Microsoft.Win32.SafeHandles;

namespace Cdc.Transport.Embedded;

/// <summary>The operations that durability rests on; a port so that tests can let them fail.</summary>
internal interface IJournalStorage
{
    /// <summary>Writes all parts, back to back, at a position of a file.</summary>
    void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> parts, long position);

    /// <summary>Returns when a file's bytes and length would survive a power loss.</summary>
    void Flush(SafeFileHandle file);

    /// <summary>
    /// Lets the system give back the memory in which it keeps the first bytes of a file; they are on the disk. A wish: nothing depends on
    /// it.
    /// </summary>
    void Uncache(SafeFileHandle file, long length);

    /// <summary>Returns when the names in a folder would survive a power loss.</summary>
    void FlushFolder(string path);
}

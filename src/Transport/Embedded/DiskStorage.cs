using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cdc.Transport.Embedded;

/// <summary>The real storage, and how its files are made: for the owner only.</summary>
internal sealed partial class DiskStorage : IJournalStorage
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private DiskStorage()
    {
    }

    public static DiskStorage Instance { get; } = new();

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>Opens a file unbuffered; one that is made is for its owner only.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is not FileMode.Open)
            options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    /// <summary>A handle for reading a file that may be written and removed meanwhile.</summary>
    public static SafeFileHandle OpenForReading(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>
    /// Whether a file could not be opened because another has it: EWOULDBLOCK of Linux and macOS, the sharing violation of Windows.
    /// </summary>
    public static bool IsHeldElsewhere(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);

    public void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> parts, long position) =>
        RandomAccess.Write(file, parts, position);

    public void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public void Uncache(SafeFileHandle file, long length)
    {
        const int dontNeed = 4; // POSIX_FADV_DONTNEED
        if (OperatingSystem.IsLinux())
            _ = Advise(file, 0, length, dontNeed);
    }

    public void FlushFolder(string path)
    {
        // .NET opens no folders; NTFS writes its names through its own journal.
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = OpenFolder(path, 0);
        if (descriptor < 0)
            throw Failed(path);
        var flushed = FlushDescriptor(descriptor);
        var error = flushed < 0 ? Failed(path) : null;
        _ = CloseDescriptor(descriptor);
        if (error is not null)
            throw error;
    }

    private static IOException Failed(string path)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"The folder '{path}' could not be flushed: {error.Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FlushDescriptor(int descriptor);

    // posix_fadvise of 64-bit Linux: off_t is a long.
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);
}

using System.Runtime.InteropServices;

namespace Cdc.Cli.Checks;

/// <summary>Whether this process could write in a folder or make it, asked without doing so.</summary>
internal static partial class FolderRights
{
    private const int WriteAndSearch = 2 | 1;

    /// <summary>The folder, or where it is missing the nearest one above it that is there.</summary>
    public static string Nearest(string folder)
    {
        var nearest = new DirectoryInfo(Path.GetFullPath(folder));
        while (!nearest.Exists && nearest.Parent is { } parent)
            nearest = parent;
        return nearest.FullName;
    }

    /// <summary>Whether files can be made in that folder, which is there.</summary>
    public static bool MayWrite(string folder) => OperatingSystem.IsWindows() || Access(folder, WriteAndSearch) == 0;

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Access(string path, int mode);
}

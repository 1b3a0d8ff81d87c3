using System.Globalization;
using System.Runtime.InteropServices;
using Cdc.Contracts.Errors;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>
/// Finds and loads DuckDB's library: the file that the environment variable <c>CDC_DUCKDB</c> names, else beside the program, else
/// <c>.tools/duckdb</c> in a folder above it, else where the system keeps its libraries.
/// </summary>
internal static class DuckDbLibrary
{
    public const string Name = "duckdb";

    public const string Variable = "CDC_DUCKDB";

    private static readonly Version Oldest = new(1, 4);
    private static readonly Lock Gate = new();
    private static nint loaded;

    /// <summary>Loads the library once. <c>CDC-5050</c> where it is missing, cannot be loaded or is too old.</summary>
    public static void Require()
    {
        lock (Gate)
        {
            if (loaded != 0)
                return;
            loaded = Load();
            NativeLibrary.SetDllImportResolver(typeof(DuckDbLibrary).Assembly,
                (name, _, _) => string.Equals(name, Name, StringComparison.Ordinal) ? loaded : 0);
        }

        var version = Marshal.PtrToStringUTF8(NativeMethods.LibraryVersion()) ?? "";
        if (!IsNewEnough(version))
            throw Missing($"version '{version}' was found, 'v{Oldest}' or newer was expected");
    }

    /// <summary>Where the library may lie, best first; the first is absolute for the user named it.</summary>
    public static IEnumerable<string> Candidates(string? named, string programFolder)
    {
        if (!string.IsNullOrEmpty(named))
        {
            yield return named;
            yield break;
        }

        yield return Path.Combine(programFolder, FileName);
        for (var folder = new DirectoryInfo(programFolder); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, ".tools", "duckdb", FileName);
    }

    public static bool IsNewEnough(string version)
    {
        var numbers = version.TrimStart('v').Split('-')[0].Split('.');
        return numbers.Length >= 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            && new Version(major, minor) >= Oldest;
    }

    private static string FileName => OperatingSystem.IsWindows() ? "duckdb.dll" : OperatingSystem.IsMacOS() ? "libduckdb.dylib"
        : "libduckdb.so";

    private static nint Load()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        var file = Candidates(named, AppContext.BaseDirectory).FirstOrDefault(File.Exists);
        if (file is null && !string.IsNullOrEmpty(named))
            throw Missing($"{Variable} names '{named}', which is not a file");
        if (NativeLibrary.TryLoad(file ?? FileName, out var handle))
            return handle;
        throw Missing(file is null ? $"no file '{FileName}' was found" : $"'{file}' could not be loaded");
    }

    private static CdcException Missing(string found) =>
        new(ErrorCodes.DuckDbLibraryMissing, $"Loading DuckDB's library, {found}.");
}

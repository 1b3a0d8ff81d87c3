using Cdc.Testing;

namespace Cdc.Architecture.Tests;

/// <summary>All C# files of the repository, read once.</summary>
internal static class Sources
{
    public static IReadOnlyList<SourceFile> Product { get; } = Read("src");

    public static IReadOnlyList<SourceFile> Tests { get; } = Read("tests");

    public static IEnumerable<SourceFile> All => Product.Concat(Tests);

    public static string PathOf(string relative) => Path.Combine(RepositoryFolder.Root, relative);

    public static string[] Files(string folder, string pattern) =>
        Directory.Exists(PathOf(folder))
            ? [.. Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories).Select(Relative)
                .Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Fails with one line per fault, all of them.</summary>
    public static void ExpectNone(IEnumerable<string> faults)
    {
        var found = faults.Distinct(StringComparer.Ordinal).ToList();
        if (found.Count > 0)
            Assert.Fail($"{found.Count} found:\n{string.Join('\n', found)}");
    }

    private static string Relative(string path) => Path.GetRelativePath(RepositoryFolder.Root, path).Replace('\\', '/');

    private static List<SourceFile> Read(string folder)
    {
        var files = Files(folder, "*.cs")
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));
        return [.. files.Select(path => new SourceFile(path, File.ReadAllText(PathOf(path))))];
    }
}

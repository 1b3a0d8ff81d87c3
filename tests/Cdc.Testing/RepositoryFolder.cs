namespace Cdc.Testing;

/// <summary>Where the repository and its tools lie, found from the test program upwards.</summary>
public static class RepositoryFolder
{
    public static string Root { get; } = FindRoot();

    /// <summary>What <c>build/setup.sh</c> brought: databases, native libraries, outside readers.</summary>
    public static string Tools { get; } = Environment.GetEnvironmentVariable("CDC_TOOLS") ?? Path.Combine(Root, ".tools");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cdc.Platform.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run outside of the repository.");
    }
}

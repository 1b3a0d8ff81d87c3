namespace Cdc.Contracts.Tests;

/// <summary>Data of other projects, outside of this one: the folder that <c>CDC_FIXTURES</c> names.</summary>
internal static class Fixtures
{
    /// <summary>A file's path; the test is skipped, saying so, where there is no such file.</summary>
    public static string PathOf(string name)
    {
        var folder = Environment.GetEnvironmentVariable("CDC_FIXTURES");
        var path = Path.Combine(folder ?? "", name);
        if (string.IsNullOrEmpty(folder) || !File.Exists(path))
            Assert.Skip($"'{name}' is missing: CDC_FIXTURES names no folder that holds it.");
        return path;
    }
}

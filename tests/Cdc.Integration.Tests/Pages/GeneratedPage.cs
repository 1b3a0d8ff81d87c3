using Cdc.Testing;

namespace Cdc.Integration.Tests.Pages;

/// <summary>A page under <c>docs/</c> that is written from the program, and must be what the program says.</summary>
internal static class GeneratedPage
{
    public static void Expect(string name, string page)
    {
        var file = Path.Combine(RepositoryFolder.Root, "docs", name);
        if (Environment.GetEnvironmentVariable("CDC_REGENERATE") == "1")
            File.WriteAllText(file, page);

        Assert.True(File.Exists(file) && File.ReadAllText(file) == page,
            $"docs/{name} is not what the program says: run this test once with CDC_REGENERATE=1 and look at the difference.");
    }
}

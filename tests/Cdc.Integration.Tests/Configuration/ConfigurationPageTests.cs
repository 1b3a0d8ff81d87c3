using Cdc.Testing;

namespace Cdc.Integration.Tests.Configuration;

public sealed class ConfigurationPageTests
{
    [Fact]
    public void The_page_of_keys_is_as_the_binder_reads_them()
    {
        var file = Path.Combine(RepositoryFolder.Root, "docs", "configuration.md");
        var page = ConfigurationPage.Write();
        if (Environment.GetEnvironmentVariable("CDC_REGENERATE") == "1")
            File.WriteAllText(file, page);

        Assert.True(File.Exists(file) && File.ReadAllText(file) == page,
            "docs/configuration.md is not what the options and the binder say: run this test once with CDC_REGENERATE=1 and look at the " +
            "difference.");
    }
}

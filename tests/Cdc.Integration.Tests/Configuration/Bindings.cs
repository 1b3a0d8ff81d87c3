using Cdc.Cli.Configuration;

namespace Cdc.Integration.Tests.Configuration;

/// <summary>Binds texts as if they lay in a folder, with an environment of their own.</summary>
internal static class Bindings
{
    public const string Folder = "/conf";

    public const string Head = """
        name: shop
        log: { embedded: { path: ./log } }

        """;

    /// <summary>A good source; a test puts its own part below it or in its place.</summary>
    public const string Source = """
        sources:
          shop:
            postgres: { host: db, database: shop, user: cdc }

        """;

    public static InstallationOptions Bind(string text, string folder = Folder) =>
        ConfigurationFile.Bind(text, "shop.yaml",
            new Binding(folder, name => name.StartsWith("SET_", StringComparison.Ordinal) ? "value of " + name : null));

    /// <summary>The faults as <c>code line path</c>.</summary>
    public static string[] FaultsOf(string text) =>
        [.. Assert.Throws<ConfigurationException>(() => Bind(text)).Faults.Select(fault =>
            FormattableString.Invariant($"{fault.Code.Number} {fault.Line} {fault.Path}"))];

    /// <summary>The one fault's message.</summary>
    public static string MessageOf(string text) => Assert.Single(Assert.Throws<ConfigurationException>(() => Bind(text)).Faults).Message;
}

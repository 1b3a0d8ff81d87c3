namespace Cdc.Integration.Tests.Commands;

/// <summary>A temporary folder with a configuration <c>shop.yaml</c>, whose log lies beside it.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public const string Good = """
        name: shop
        log: { embedded: { path: ./log } }
        sources: { shop: { postgres: { host: db, database: shop, user: cdc } } }
        http: { port: 0 }
        """;

    public ConfigurationFolder(string text = Good)
    {
        Folder = Directory.CreateTempSubdirectory("cdc-command-").FullName;
        File = Path.Combine(Folder, "shop.yaml");
        System.IO.File.WriteAllText(File, text);
    }

    public string Folder { get; }

    public string File { get; }

    public string LogFolder => Path.Combine(Folder, "log");

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

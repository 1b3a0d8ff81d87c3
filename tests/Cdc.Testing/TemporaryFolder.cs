namespace Cdc.Testing;

/// <summary>A folder of its own that goes with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cdc-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

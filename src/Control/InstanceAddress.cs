using System.Security.Cryptography;

namespace Cdc.Control;

/// <summary>
/// Where a process can be reached, and its own id, as it writes both into the log's folder. A process that is killed leaves them behind,
/// and another may take the port: only an answer with the same id is its own.
/// </summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Instance">A new one for each process.</param>
public sealed record InstanceAddress(Uri Address, string Instance)
{
    /// <summary>The file in the log's folder: the address in the first line, the id in the second.</summary>
    public const string FileName = "http-address";

    public static string NewId() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public Task WriteAsync(string folder, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(Path.Combine(folder, FileName), $"{Address.AbsoluteUri}\n{Instance}\n", cancellationToken);

    /// <summary>What a process wrote last; null where nothing is there, or nothing that a process wrote.</summary>
    public static async Task<InstanceAddress?> ReadAsync(string folder)
    {
        try
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(folder, FileName));
            return lines.Length > 0 && Uri.TryCreate(lines[0].Trim(), UriKind.Absolute, out var address)
                ? new InstanceAddress(address, lines.Length > 1 ? lines[1].Trim() : "")
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the process that says that it is this instance is the one that wrote the address. One of an earlier version wrote no id, and
    /// says none.
    /// </summary>
    /// <param name="instance">What it says; null where it is no process of ours.</param>
    public bool IsOf(string? instance) => instance is not null && string.Equals(Instance, instance, StringComparison.Ordinal);

    public static void Delete(string folder) => File.Delete(Path.Combine(folder, FileName));
}

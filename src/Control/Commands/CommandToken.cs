using System.Security.Cryptography;
using System.Text;

namespace Cdc.Control.Commands;

/// <summary>
/// What proves that a command comes from somebody who may read the log's folder: a random text, another one in each process.
/// </summary>
public sealed class CommandToken
{
    /// <summary>The file in the log's folder that holds the token while the process runs.</summary>
    public const string FileName = "http-token";

    private const string Scheme = "Bearer ";

    private readonly byte[] text;

    private CommandToken(string text) => this.text = Encoding.ASCII.GetBytes(text);

    /// <summary>A new token, written where only the process' own user can read it.</summary>
    public static async Task<CommandToken> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var made = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var path = Path.Combine(folder, FileName);
        File.Delete(path); // One that was left over may have other rights.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new FileStream(path, options);
        await file.WriteAsync(Encoding.ASCII.GetBytes(made + "\n"), cancellationToken);
        return new CommandToken(made);
    }

    /// <summary>
    /// Whether the header <c>Authorization</c> carries this token; takes the same time for every wrong one of its length.
    /// </summary>
    public bool Admits(string? authorization) =>
        authorization is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim()), text);
}

using Cdc.Contracts.Errors;

namespace Cdc.Cli.Configuration;

/// <summary>What one reading of a configuration gathers: its faults, what was claimed by whom, and where values come from.</summary>
internal sealed class Binding(string folder, Func<string, string?> environment)
{
    private readonly Dictionary<(string What, string Value), (string Path, int Line)> claims = [];

    /// <summary>The configuration file's folder, to which paths are relative.</summary>
    public string Folder { get; } = folder;

    public References References { get; } = new(folder, environment);

    public List<Fault> Faults { get; } = [];

    /// <summary>Where the keys are noted that are asked for, to describe them; null in a usual reading.</summary>
    public ICollection<KnownKey>? KnownKeys { get; init; }

    public void Fault(ErrorCode code, int line, string path, string message) => Faults.Add(new Fault(code, line, path, message));

    /// <summary>Notes that something is used here; twice is a fault.</summary>
    public void Claim(string what, string value, string path, int line)
    {
        if (claims.TryAdd((what, value), (path, line)))
            return;
        var first = claims[(what, value)];
        Fault(ErrorCodes.SettingsConflict, line, path,
            $"{what} '{SettingPath.Shown(value)}' is used by {first.Path} in line {first.Line} already; expected one of its own.");
    }
}

/// <summary>One key that configurations may hold.</summary>
/// <param name="Path">With <c>NAME</c> in place of names that the user chooses.</param>
/// <param name="Options">The type whose property of that name describes the key.</param>
/// <param name="Form">What may be given, in words.</param>
internal sealed record KnownKey(string Path, string Key, Type Options, string Form);

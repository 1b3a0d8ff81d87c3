using Cdc.Contracts.Errors;
using Cdc.Transport.Embedded;

namespace Cdc.Transport.Registry;

/// <summary>
/// What the lines of a registry's file add up to. The same text has one number under all subjects. Not safe for several threads.
/// </summary>
/// <param name="path">The file, for messages.</param>
internal sealed class RegisteredSchemas(string path)
{
    private readonly Dictionary<int, string> textOf = [];
    private readonly Dictionary<string, int> idOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> versionsOf = new(StringComparer.Ordinal);

    /// <summary>How many texts there are; they are numbered from 1 on.</summary>
    public int Count => textOf.Count;

    /// <summary>The numbers of a subject's versions, in their order.</summary>
    public IReadOnlyList<int> VersionsOf(string subject) => versionsOf.TryGetValue(subject, out var versions) ? versions : [];

    public bool TryFind(string text, out int id) => idOf.TryGetValue(text, out id);

    /// <summary>A subject's newest text; null where it has none.</summary>
    public string? Latest(string subject) => versionsOf.TryGetValue(subject, out var versions) ? textOf[versions[^1]] : null;

    /// <summary>A text by its number. Throws <c>CDC-4011</c>.</summary>
    public string Get(int id) => textOf.TryGetValue(id, out var text)
        ? text
        : throw new CdcException(ErrorCodes.SchemaUnknown,
            FormattableString.Invariant($"Looking for schema {id} in '{path}', {textOf.Count} others were found."));

    public void Add(RegistryLine line)
    {
        textOf.TryAdd(line.Id, line.Schema);
        idOf.TryAdd(line.Schema, line.Id);
        if (!versionsOf.TryGetValue(line.Subject, out var versions))
            versionsOf.Add(line.Subject, versions = []);
        versions.Add(line.Id);
    }

    /// <summary>
    /// Adds the lines of a whole file; answers with the bytes they take. Behind them is the rest of a line whose writing never ended.
    /// </summary>
    public long Read(ReadOnlySpan<byte> bytes)
    {
        var length = 0;
        while (bytes[length..].IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (length + end + 1 == bytes.Length && IsTorn(bytes.Slice(length, end)))
                break;
            var line = RegistryLine.Read(bytes.Slice(length, end), path, length);
            var isNext = line.Version == VersionsOf(line.Subject).Count + 1
                && (idOf.TryGetValue(line.Schema, out var id) ? id == line.Id : line.Id == textOf.Count + 1);
            if (!isNext)
                throw JournalErrors.Damaged(path, length, "a line does not continue the ones before it");
            Add(line);
            length += end + 1;
        }

        return length;
    }

    /// <summary>
    /// Whether a last line is the rest of a write that never ended, though its newline reached the disk: it is not what was written, and no
    /// record in the journal has its number or a later one. A number is given out once its line is flushed, so then nobody has it.
    /// </summary>
    private bool IsTorn(ReadOnlySpan<byte> line) =>
        !RegistryLine.IsWhole(line) && !SchemaUse.Find(Path.GetDirectoryName(path)!, textOf.Count + 1);
}

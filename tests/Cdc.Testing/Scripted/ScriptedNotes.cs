using Cdc.Capture.Reading;

namespace Cdc.Testing.Scripted;

/// <summary>What the checkpoint has of a <see cref="ScriptedDatabase"/>.</summary>
public sealed class ScriptedNotes : ISourceNotes
{
    private ScriptedNotes()
    {
    }

    public static ScriptedNotes Instance { get; } = new();

    public ISuspects ReadSuspects(string? text) => ScriptedSuspects.Parse(text);

    public ITableFingerprint ReadFingerprint(string text) => ScriptedFingerprint.Parse(text);

    public TablePart ReadPart(string text) => ScriptedPart.Parse(text);
}

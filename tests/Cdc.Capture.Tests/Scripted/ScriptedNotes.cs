using Cdc.Capture.Snapshot;

namespace Cdc.Capture.Tests.Scripted;

/// <summary>What the checkpoint has of a <see cref="ScriptedDatabase"/>.</summary>
internal sealed class ScriptedNotes : ISourceNotes
{
    private ScriptedNotes()
    {
    }

    public static ScriptedNotes Instance { get; } = new();

    public ISuspects ReadSuspects(string? text) => ScriptedSuspects.Parse(text);

    public ITableFingerprint ReadFingerprint(string text) => ScriptedFingerprint.Parse(text);

    public TablePart ReadPart(string text) => ScriptedPart.Parse(text);
}

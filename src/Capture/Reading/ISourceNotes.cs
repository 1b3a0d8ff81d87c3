namespace Cdc.Capture.Reading;

/// <summary>
/// Reads back what a source's own facts were noted as in the checkpoint: opaque text that only this source understands. Throws what the
/// text's reader throws. Any thread.
/// </summary>
public interface ISourceNotes
{
    /// <summary>What <see cref="ISuspects.ToText"/> made; none for null.</summary>
    ISuspects ReadSuspects(string? text);

    /// <summary>What <see cref="ITableFingerprint.ToText"/> made.</summary>
    ITableFingerprint ReadFingerprint(string text);

    /// <summary>What <see cref="TablePart.ToText"/> made.</summary>
    TablePart ReadPart(string text);
}

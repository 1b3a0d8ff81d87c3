using System.Text.Json;
using Cdc.Capture.Reading;

namespace Cdc.Testing.Scripted;

/// <summary>Rows behind a key, in the order of keys.</summary>
/// <param name="Behind">The last key before it; empty for all.</param>
public sealed record ScriptedRange(string Behind) : ReadRange;

/// <summary>Where a table's rows are: always the same.</summary>
public sealed record ScriptedFile(uint Number) : TableFile(Number, TheVersion)
{
    public const uint TheVersion = 7;

    public override TablePart ToPart() => new ScriptedPart(Number);
}

/// <summary>A table that is read key by key: what comes next is known once a read has ended.</summary>
public sealed class ScriptedPart : TablePart
{
    private bool isGivenOut;

    public ScriptedPart(uint number)
        : this(number, [])
    {
    }

    private ScriptedPart(uint number, IEnumerable<ScriptedRange> left)
        : base(number, ScriptedFile.TheVersion, left)
    {
    }

    public override double Bytes => 1;

    protected override bool IsGivenOut => isGivenOut;

    public static ScriptedPart Parse(string text)
    {
        var note = JsonSerializer.Deserialize<Note>(text)!;
        return new ScriptedPart(note.Number, note.Left.Select(key => new ScriptedRange(key))) { isGivenOut = note.IsGivenOut };
    }

    public override string ToText() =>
        JsonSerializer.Serialize(new Note(Number, isGivenOut, [.. Unpublished.Select(range => ((ScriptedRange)range).Behind)]));

    public override void Measure(TablePart described)
    {
    }

    protected override ReadRange? TakeNext(int bytes)
    {
        if (isGivenOut)
            return null;
        isGivenOut = true;
        return new ScriptedRange("");
    }

    protected override void Learn(ReadRange range, ChunkFacts facts)
    {
    }

    private sealed record Note(uint Number, bool IsGivenOut, List<string> Left);
}

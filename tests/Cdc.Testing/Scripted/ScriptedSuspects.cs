using System.Globalization;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;

namespace Cdc.Testing.Scripted;

/// <summary>Streamed transactions that no read has seen yet, one by one.</summary>
public sealed class ScriptedSuspects(IEnumerable<TransactionMark> marks) : ISuspects
{
    private readonly HashSet<TransactionMark> marks = [.. marks];

    public IReadSight? Newest { get; private set; }

    public int Count => marks.Count;

    public static ScriptedSuspects Parse(string? text) => new((text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(mark => new TransactionMark(ulong.Parse(mark, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));

    public bool Note(TransactionMark transaction) => Newest?.Sees(transaction) != true && marks.Add(transaction);

    public bool Forget(IReadSight sight)
    {
        if (Newest is null || sight.Horizon >= Newest.Horizon)
            Newest = sight;
        return marks.RemoveWhere(sight.Sees) > 0;
    }

    public bool AreSeenBy(IReadSight sight) => marks.All(sight.Sees);

    public ISuspects Copy() => new ScriptedSuspects(marks) { Newest = Newest };

    public string ToText() => string.Join(' ', marks.Select(mark => mark.Value.ToString("x", CultureInfo.InvariantCulture)));
}

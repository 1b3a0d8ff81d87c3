using System.Text.Json;
using Cdc.Capture.Sources;

namespace Cdc.Capture.Reading;

/// <summary>
/// What the catalog had of a table when its read began: its records are of that, and whatever differs from it later is held against it.
/// Kept in the checkpoint. It moves on with a read's begin, and with what differs and does not count.
/// </summary>
public sealed class NotedLook
{
    /// <summary>More truncations than that of one table between two looks are forgotten, which costs a read.</summary>
    private const int MaxTruncations = 8;

    /// <summary>More partitions than that are not noted one by one: that costs a read.</summary>
    private const int MaxBrought = 10_000;

    /// <summary>No partition has that number, so no look shows it.</summary>
    private const uint TooMany = 0;

    private readonly HashSet<uint> brought = [];

    private (TableLook Look, ulong Position)? found;

    /// <summary>What the records are of; null where that is not known.</summary>
    public ITableFingerprint? Fingerprint { get; private set; }

    /// <summary>A look that was taken before here knows less than what is noted; not kept in the checkpoint.</summary>
    public ulong Position { get; private set; }

    /// <summary>By which transactions the columns are as they are.</summary>
    public string Stamp { get; private set; } = "";

    /// <summary>Changes of the table went by under another name: it must be read again when it is back.</summary>
    public bool HasMissed { get; private set; }

    /// <summary>The last transactions whose truncation of the table was streamed.</summary>
    public IReadOnlyList<TransactionMark> Truncations { get; private set; } = [];

    /// <summary>The source's numbers of partitions that the stream brought rows of and that no look has shown as the table's.</summary>
    public IReadOnlySet<uint> Brought => brought;

    /// <summary>How often its read was begun again since one was completed.</summary>
    public int Restarts { get; private set; }

    /// <summary>Not read before then.</summary>
    public DateTimeOffset? PausedUntil { get; private set; }

    /// <summary>What the checkpoint says of it has changed.</summary>
    public bool IsChanged { get; set; }

    /// <summary>A read that is to begin finds the table so.</summary>
    public void Find(TableLook look, ulong position) => found = (look, position);

    /// <summary>A read begins: the records behind it are of what it found.</summary>
    public void Adopt()
    {
        if (found is not var (look, position))
            return;
        (Fingerprint, Stamp, Position, HasMissed, Truncations, IsChanged) = (look.Fingerprint, look.Stamp, position, false, [], true);
        found = null;
    }

    /// <summary>
    /// Holds a look against what is noted, and notes it where it does not count. What it says of partitions that went counts with their
    /// files.
    /// </summary>
    public LookDifference Compare(TableLook now)
    {
        if (HasMissed)
            return new LookDifference(LookVerdict.Gap, "changes were streamed under another name in between");
        if (now.Fingerprint is null)
            return LookDifference.None;
        var difference = Fingerprint?.Compare(now.Fingerprint) ?? new LookDifference(LookVerdict.Taken, "");
        if (difference.Verdict == LookVerdict.Taken)
            Keep(Fingerprint is null ? now.Fingerprint : now.Fingerprint.KeepPartsOf(Fingerprint));
        return difference;
    }

    /// <summary>Nobody cares what became of partitions that went.</summary>
    public void Take(TableLook now) => Keep(now.Fingerprint ?? Fingerprint);

    private void Keep(ITableFingerprint? fingerprint)
    {
        if (Equals(Fingerprint, fingerprint))
            return;
        (Fingerprint, IsChanged) = (fingerprint, true);
    }

    /// <summary>The files are those that are noted: until here nothing was rewritten, whatever happened to the columns.</summary>
    public void Settle(string stamp)
    {
        IsChanged |= Stamp != stamp;
        Stamp = stamp;
    }

    /// <summary>The source streams changes of a table by that name and number. True where that is news of this one.</summary>
    public bool Meet(string name, uint number)
    {
        if (Fingerprint is null || Fingerprint.Number != number || Fingerprint.Name == name || HasMissed)
            return false;
        HasMissed = IsChanged = true;
        return true;
    }

    /// <summary>Rows of a partition were streamed. True where that is to be noted.</summary>
    public bool Bring(uint partition)
    {
        if (Fingerprint?.HasPart(partition) == true || !brought.Add(brought.Count < MaxBrought ? partition : TooMany))
            return false;
        return IsChanged = true;
    }

    /// <summary>Whether rows were streamed of something that is no partition of it; forgets what is one.</summary>
    public bool LacksBrought(TableLook now)
    {
        if (brought.Count == 0 || now.Fingerprint is not { } look)
            return false;
        IsChanged |= brought.RemoveWhere(look.HasPart) > 0;
        return brought.Count > 0;
    }

    /// <summary>Whatever was streamed of partitions before now is replaced, or nobody cares.</summary>
    public void ForgetBrought()
    {
        IsChanged |= brought.Count > 0;
        brought.Clear();
    }

    /// <summary>A truncation of it was streamed: the file that this transaction made has its rows as the stream has them.</summary>
    public void Truncate(TransactionMark transaction)
    {
        Truncations = [.. Truncations.TakeLast(MaxTruncations - 1), transaction];
        IsChanged = true;
    }

    /// <summary>Whether the table's rows are in another file for a reason that changes none of them.</summary>
    /// <param name="file">The file that holds them now.</param>
    /// <param name="now">What else the look saw.</param>
    public bool Explains(TableFile file, TableLook now) => Truncations.Contains(file.Writer) || IsMove(file, now);

    /// <summary>Rows that are rewritten with other values leave a trace at a column.</summary>
    private bool IsMove(TableFile file, TableLook now) =>
        Stamp.Length > 0 && Stamp == now.Stamp && now.Fingerprint?.CanOnlyMove(file.Number) == true;

    /// <summary>Its read is begun again; the pauses grow.</summary>
    public void Restart(DateTimeOffset now, TimeSpan longest)
    {
        Restarts++;
        PausedUntil = RestartPauses.After(Restarts, longest) is { Ticks: > 0 } pause ? now + pause : null;
        IsChanged = true;
    }

    /// <summary>Its read is complete.</summary>
    public void Complete()
    {
        IsChanged |= Restarts > 0;
        (Restarts, PausedUntil) = (0, null);
    }

    /// <summary>Whether a read may begin; a clock that went back makes no pause longer.</summary>
    public bool IsPaused(TimeProvider clock, TimeSpan longest) =>
        PausedUntil is { } until && clock.GetUtcNow() is var now && now < until && until - now <= RestartPauses.After(Restarts, longest);

    public string ToText()
    {
        var truncations = Truncations.Select(transaction => transaction.Value).ToList();
        var note = new Note(Fingerprint?.ToText(), Stamp, HasMissed, truncations, Restarts, PausedUntil, [.. brought]);
        return JsonSerializer.Serialize(note);
    }

    /// <summary>Throws what the text's reader throws.</summary>
    public static NotedLook Parse(string text, ISourceNotes notes)
    {
        var note = JsonSerializer.Deserialize<Note>(text)!;
        var look = new NotedLook
        {
            Fingerprint = note.Fingerprint is null ? null : notes.ReadFingerprint(note.Fingerprint),
            Stamp = note.Stamp,
            HasMissed = note.HasMissed,
            Truncations = [.. note.Truncations.Select(number => new TransactionMark(number))],
            Restarts = note.Restarts,
            PausedUntil = note.PausedUntil,
        };
        look.brought.UnionWith(note.Brought ?? []);
        return look;
    }

    private sealed record Note(
        string? Fingerprint, string Stamp, bool HasMissed, List<ulong> Truncations, int Restarts, DateTimeOffset? PausedUntil,
        List<uint>? Brought);
}

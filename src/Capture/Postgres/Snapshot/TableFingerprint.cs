using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cdc.Capture.Reading;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>A column as a fingerprint has it.</summary>
/// <param name="Number">A table never gives one twice.</param>
/// <param name="Name">The source's spelling.</param>
/// <param name="Type">The source's number of its type.</param>
/// <param name="Modifier">What narrows the type; -1 for nothing.</param>
/// <param name="Generated">How it is computed; empty where it is not.</param>
public readonly record struct FingerprintColumn(int Number, string Name, uint Type, int Modifier, string Generated);

/// <summary>
/// What a table is and why its changes are streamed, as the catalog has it: while all of this is the same, every change of the table comes
/// by the stream, and every value reads as it did. What says "belongs to" counts with the row that says it and the transaction that wrote
/// that row: out and in again is another one.
/// </summary>
public sealed record TableFingerprint : ITableFingerprint
{
    /// <summary>The source's number of the table: another one under the same name is another table.</summary>
    public required uint Oid { get; init; }

    /// <summary>Schema and name.</summary>
    public required string Name { get; init; }

    /// <summary>By which row its schema is its schema.</summary>
    public required string Home { get; init; }

    /// <summary>The publication's row; another one after each change of its options.</summary>
    public required string Publication { get; init; }

    /// <summary>
    /// Letters of what the publication sends: <c>i</c>, <c>u</c>, <c>d</c>, <c>t</c>, and <c>r</c> for partitions under the topmost name.
    /// </summary>
    public required string Sends { get; init; }

    /// <summary>By which rows the table belongs to the publication. A row filter or a list of columns stands in such a row.</summary>
    public required ImmutableArray<string> Memberships { get; init; }

    /// <summary>What old rows hold, as a letter of the source.</summary>
    public required string Identity { get; init; }

    /// <summary>The numbers of the columns that identify a row, in order; none where nothing but all of it does.</summary>
    public required ImmutableArray<int> Key { get; init; }

    public required ImmutableArray<FingerprintColumn> Columns { get; init; }

    /// <summary>
    /// By the number of a partition that holds rows, by which rows it belongs to the table; the table itself where it holds them.
    /// </summary>
    public required ImmutableSortedDictionary<uint, string> Parts { get; init; }

    /// <summary>By the source's number, what the text of values depends on besides: labels of enums, attributes of composites.</summary>
    public required ImmutableSortedDictionary<uint, string> Types { get; init; }

    uint ITableFingerprint.Number => Oid;

    [JsonIgnore]
    public bool HasKey => !Key.IsEmpty;

    [JsonIgnore]
    public bool IsIdentified => !Key.IsEmpty || Identity == "f";

    public bool HasPart(uint number) => Parts.ContainsKey(number);

    public LookDifference Compare(ITableFingerprint now) => FingerprintComparison.Compare(this, (TableFingerprint)now);

    public ITableFingerprint KeepPartsOf(ITableFingerprint known) =>
        ((TableFingerprint)known).Parts.Where(part => !Parts.ContainsKey(part.Key)).ToList() is { Count: > 0 } gone
            ? this with { Parts = Parts.AddRange(gone) } : this;

    /// <summary>
    /// A table that the publication names can only be logged, and is truncated by a message; what is left is a move of the rows as they are
    /// (VACUUM FULL, CLUSTER). Of a partition that is truncated alone, nothing is sent.
    /// </summary>
    public bool CanOnlyMove(uint file) => file == Oid && Sends.Contains('t')
        && Memberships.Any(row => row.StartsWith("table ", StringComparison.Ordinal))
        && Columns.All(column => column.Generated.Length == 0);

    /// <summary>Whether both say the same. Asked of every table at every look.</summary>
    public bool Equals(TableFingerprint? other) => other is not null
        && Oid == other.Oid && Name == other.Name && Home == other.Home && Publication == other.Publication && Sends == other.Sends
        && Identity == other.Identity
        && Memberships.SequenceEqual(other.Memberships, StringComparer.Ordinal) && Key.SequenceEqual(other.Key)
        && Columns.SequenceEqual(other.Columns)
        && Parts.SequenceEqual(other.Parts) && Types.SequenceEqual(other.Types);

    public override int GetHashCode() => HashCode.Combine(Oid, Name, Columns.Length);

    public string ToText() => JsonSerializer.Serialize(this);

    public static TableFingerprint Parse(string text) =>
        JsonSerializer.Deserialize<TableFingerprint>(text) ?? throw new JsonException("It is null.");
}

using System.Collections.Immutable;
using Cdc.Capture.Reading;

namespace Cdc.Capture.Postgres.Snapshot;

/// <summary>Holds two fingerprints of what goes by one name against each other. Pure.</summary>
internal static class FingerprintComparison
{
    /// <summary>Types whose values have one text and, where a column goes from one to the other, are not rewritten.</summary>
    private static readonly ImmutableHashSet<uint> PlainTexts = [25, 1043];

    public static LookDifference Compare(TableFingerprint known, TableFingerprint now)
    {
        if (known.Oid != now.Oid)
            return Gap("name is another table's");
        if (known.Publication != now.Publication)
            return Gap("publication was changed or created again");
        if (known.Memberships.Except(now.Memberships, StringComparer.Ordinal).Any())
            return Gap("place in the publication changed (taken out, or another row filter or column list)");
        if (known.Home != now.Home)
            return Gap("schema was different in between");
        if (known.Parts.Any(part => now.Parts.TryGetValue(part.Key, out var link) && link != part.Value))
            return Gap("partition was detached and attached again");
        if (!known.Key.SequenceEqual(now.Key))
            return Recheck("key is of other columns");
        if (known.Types.Any(type => now.Types.TryGetValue(type.Key, out var text) && text != type.Value))
            return Recheck("values are written in another way (a label of an enum, an attribute of a composite type)");
        if (known.Columns.Any(column => now.Columns.Any(other => other.Number == column.Number && ReadsOtherwise(column.Type, other.Type))))
            return Recheck("column has another type");
        return new LookDifference(known.Equals(now) ? LookVerdict.Same : LookVerdict.Taken, "");
    }

    // Where values are not rewritten no file tells of it, and their text can be another all the same: a number of an object, an address.
    private static bool ReadsOtherwise(uint before, uint now) => before != now
        && !(PlainTexts.Contains(before) && PlainTexts.Contains(now));

    private static LookDifference Gap(string because) => new(LookVerdict.Gap, because);

    private static LookDifference Recheck(string because) => new(LookVerdict.Recheck, because);
}

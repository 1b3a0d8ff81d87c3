namespace Cdc.Cli.Configuration;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestName
{
    private const int MaxLength = 64;

    /// <summary>
    /// The nearest of the names by edits (insert, delete, replace, swap of neighbours; case is free), or null where none is near.
    /// </summary>
    public static string? Find(string given, IEnumerable<string> names)
    {
        if (given.Length > MaxLength)
            return null;
        var (name, distance) = names.Select(candidate => (candidate, Distance(given.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .OrderBy(pair => pair.Item2).FirstOrDefault();
        return name is not null && distance <= Math.Max(1, Math.Min(given.Length, name.Length) / 3) ? name : null;
    }

    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}

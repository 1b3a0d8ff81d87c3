namespace Cdc.Contracts.Security;

/// <summary>
/// The normal form NFKC (Unicode Standard Annex 15): taken apart, marks in their order, put together again. The runtime has it only with
/// globalization data, which this product goes without.
/// </summary>
internal static class CompatibleForm
{
    // Syllables of Hangul are computed (The Unicode Standard, section 3.12).
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;
    private const int Syllables = Leads * Vowels * Tails;

    public static List<int> Of(IEnumerable<int> text, UnicodeTables tables)
    {
        var apart = new List<int>();
        foreach (var letter in text)
            TakeApart(letter, apart, tables);
        Order(apart, tables);
        return PutTogether(apart, tables);
    }

    private static void TakeApart(int letter, List<int> apart, UnicodeTables tables)
    {
        var syllable = letter - SyllableBase;
        if (syllable is >= 0 and < Syllables)
        {
            apart.Add(LeadBase + syllable / (Vowels * Tails));
            apart.Add(VowelBase + syllable / Tails % Vowels);
            if (syllable % Tails > 0)
                apart.Add(TailBase + syllable % Tails);
        }
        else if (tables.Parts.TryGetValue(letter, out var parts))
        {
            apart.AddRange(parts);
        }
        else
        {
            apart.Add(letter);
        }
    }

    /// <summary>Marks behind a letter stand by their class; equal ones stay as they are.</summary>
    private static void Order(List<int> text, UnicodeTables tables)
    {
        for (var i = 1; i < text.Count; i++)
        {
            var mark = text[i];
            var own = tables.ClassOf(mark);
            var place = i;
            for (; own > 0 && place > 0 && tables.ClassOf(text[place - 1]) > own; place--)
                text[place] = text[place - 1];
            text[place] = mark;
        }
    }

    private static List<int> PutTogether(List<int> apart, UnicodeTables tables)
    {
        var text = new List<int>(apart.Count);
        var (starter, between) = (-1, -1);
        foreach (var letter in apart)
        {
            var own = tables.ClassOf(letter);
            if (starter >= 0 && between < own && Pair(text[starter], letter, tables) is { } whole)
            {
                text[starter] = whole;
                continue;
            }

            text.Add(letter);
            (starter, between) = own == 0 ? (text.Count - 1, -1) : (starter, own);
        }

        return text;
    }

    private static int? Pair(int first, int second, UnicodeTables tables)
    {
        var (lead, vowel, syllable, tail) = (first - LeadBase, second - VowelBase, first - SyllableBase, second - TailBase);
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
            return SyllableBase + (lead * Vowels + vowel) * Tails;
        if (syllable is >= 0 and < Syllables && syllable % Tails == 0 && tail is > 0 and < Tails)
            return first + tail;
        return tables.Wholes.TryGetValue((first, second), out var whole) ? whole : null;
    }
}

namespace Cdc.Capture.Reading;

/// <summary>Why a table is read, as events and the checkpoint say it.</summary>
public static class ReadReasons
{
    /// <summary>Nothing of it was read before.</summary>
    public const string First = "first";

    /// <summary>Changes are missing, or may be: somebody said so, it was not published meanwhile, or it is another table.</summary>
    public const string Gap = "gap";

    /// <summary>A look at the catalog differed: changes may all be there, values may not.</summary>
    public const string Recheck = "recheck";

    /// <summary>Single rows, whose changes came without all their columns.</summary>
    public const string Key = "key";

    /// <summary>What earlier versions wrote for <see cref="Gap"/>.</summary>
    private const string Repair = "repair";

    /// <summary>A word that the checkpoint has, in today's words.</summary>
    public static string Parse(string text) => text == Repair ? Gap : text;

    public static string Of(LookVerdict verdict) => verdict == LookVerdict.Gap ? Gap : Recheck;
}

namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>
/// Deeds after which source and target differ today, or the program ends, with what was seen. They are left out of the campaign until that
/// is mended.
/// </summary>
internal static class Known
{
    public static IReadOnlyDictionary<string, string> Faults { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["another name for the publication and back"] =
            "before 18 CDC-2011 for ever; on 18 'create' can make another one of the name meanwhile, and then it cannot come back",
        ["the log's folder takes no files for a while"] =
            "a process that is started by another hand meanwhile makes a folder of its own, and the deed cannot put the log back",
        ["the role may not replicate for a while"] =
            "a process that another hand starts meanwhile ends with CDC-2012, as any first start does; one that streams waits",
        ["the role may not log in for a while"] = "as above",
    };

    /// <summary>
    /// Deeds that fail on servers before 18 only: these decode what was written meanwhile by the publications of that time.
    /// </summary>
    public static IReadOnlyDictionary<string, string> FaultsBefore18 { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["the publication made again"] = "CDC-2011 for ever",
        ["all tables published for a while"] = "CDC-2011 for ever",
    };

    /// <summary>
    /// Whether a deed is of the short campaign that every build runs: those after which every table must be equal, whatever else happens.
    /// Where a limit may stop a table, or the publication itself is at stake, the long campaign has it (<c>CDC_MONKEY_MINUTES</c>).
    /// </summary>
    public static bool IsOfShort(Deed deed) => deed.MayStop.Count == 0 && !Deeds.PublicationDeeds.All.Contains(deed);

    public static bool IsSettled(Deed deed, int major) =>
        !Faults.ContainsKey(deed.Name) && (major >= 18 || !FaultsBefore18.ContainsKey(deed.Name));
}

using System.Globalization;
using System.Text;

namespace Cdc.Capture.Postgres.Replication;

/// <summary>
/// The text of the replication commands (protocol chapter "Streaming Replication Protocol"), each name safe whatever it holds.
/// </summary>
internal static class ReplicationCommands
{
    /// <summary>PostgreSQL 15 put the options into parentheses.</summary>
    private const int OptionsInParentheses = 15;

    /// <summary><c>pgoutput</c> knows the option <c>messages</c> since PostgreSQL 14.</summary>
    private const int LogicalMessages = 14;

    /// <summary>PostgreSQL 17 can keep a slot on standbys too.</summary>
    private const int SlotsFailOver = 17;

    public const string IdentifySystem = "IDENTIFY_SYSTEM";

    /// <summary>
    /// Where the server can carry a slot over to its standbys, it may: that holds the stream back only where the DBA named standbys to wait
    /// for (<c>synchronized_standby_slots</c>).
    /// </summary>
    public static string CreateSlot(string slot, int serverMajor) =>
        $"CREATE_REPLICATION_SLOT {Identifier(slot)} LOGICAL pgoutput {SlotOptions(serverMajor)}";

    /// <summary>The same for people, in SQL.</summary>
    public static string CreateSlotStatement(string slot, int serverMajor) =>
        "SELECT " +
        $"pg_create_logical_replication_slot({Literal(slot)}, 'pgoutput'{(serverMajor >= SlotsFailOver ? ", failover => true" : "")})";

    /// <summary>Dropping a slot: the statement, for people.</summary>
    public static string DropSlotStatement(string slot) => $"SELECT pg_drop_replication_slot({Literal(slot)})";

    public static string DropSlot(string slot) => $"DROP_REPLICATION_SLOT {Identifier(slot)}";

    public static string TimelineHistory(long timeline) => string.Create(CultureInfo.InvariantCulture, $"TIMELINE_HISTORY {timeline}");

    public static string StartStream(string slot, Lsn from, IReadOnlyList<string> publications, int serverMajor)
    {
        var names = string.Join(',', publications.Select(Identifier));
        var messages = serverMajor >= LogicalMessages ? ", messages 'true'" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"START_REPLICATION SLOT {Identifier(slot)} LOGICAL {from} (proto_version '1', publication_names {Literal(names)}{messages})");
    }

    public static string Identifier(string name) => Quoted(name, '"');

    public static string Literal(string text) => Quoted(text, '\'');

    private static string SlotOptions(int serverMajor) => serverMajor switch
    {
        >= SlotsFailOver => "(SNAPSHOT 'nothing', FAILOVER true)",
        >= OptionsInParentheses => "(SNAPSHOT 'nothing')",
        _ => "NOEXPORT_SNAPSHOT",
    };

    private static string Quoted(string text, char quote) =>
        new StringBuilder(text.Length + 2).Append(quote).Append(text.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal))
            .Append(quote).ToString();
}

using System.Globalization;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Checks;
using Cdc.Contracts.Errors;

namespace Cdc.Capture.Postgres.Checks;

/// <summary>
/// Whether the server has room for the sessions that capture takes at most: those that read, those that look, and the one that streams.
/// </summary>
public static class SessionRules
{
    public static IEnumerable<Finding> Judge(SessionRoom room, string role, string database, int parallel)
    {
        var needed = SessionPool.LimitFor(parallel);
        var raised = room.Used + needed + 10;
        yield return Judge("connections", room.Connections, room.Used, needed,
            Text($"ALTER SYSTEM SET max_connections = {raised}; -- then restart the server; or lower 'snapshot.parallel'"));
        if (room.RoleLimit is { } ofRole)
        {
            yield return Judge($"connections of role '{role}'", ofRole, room.RoleUsed, needed + 1,
                Text($"ALTER ROLE {ReplicationCommands.Identifier(role)} CONNECTION LIMIT {room.RoleUsed + needed + 1};"));
        }

        if (room.DatabaseLimit is { } ofDatabase)
        {
            yield return Judge($"connections to database '{database}'", ofDatabase, room.DatabaseUsed, needed + 1,
                Text($"ALTER DATABASE {ReplicationCommands.Identifier(database)} CONNECTION LIMIT {room.DatabaseUsed + needed + 11};"));
        }
    }

    private static Finding Judge(string subject, int limit, int used, int needed, string remedy)
    {
        var message = Text($"{used} of {limit} in use by others");
        return limit - used >= needed
            ? Finding.Good(subject, message)
            : Finding.Fault(subject, Text($"{message}, {needed} free ones were expected"), remedy, ErrorCodes.SourceSettingUnsuitable);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>
/// Where the server's timeline left the one that the checkpoint was written on. Each promotion of a standby begins a timeline; what the old
/// one held beyond the switch point is not in the new one (Invariant 6).
/// </summary>
/// <param name="Known">The checkpoint's timeline.</param>
/// <param name="Present">The server's.</param>
/// <param name="SwitchPoint">Up to there both are the same; the highest position where they are one timeline.</param>
public sealed record TimelineHistory(long Known, long Present, Lsn SwitchPoint)
{
    private static readonly Lsn Never = new(ulong.MaxValue);

    /// <summary>Nothing was left: what the checkpoint says of a timeline counts for nothing.</summary>
    public static TimelineHistory None(ServerIdentity server) => new(server.Timeline, server.Timeline, Never);

    /// <summary>Asks the server, where its timeline is another than the checkpoint's. The session must not stream yet.</summary>
    public static async Task<TimelineHistory> ReadAsync(
        ReplicationConnection connection, ServerIdentity server, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        if (PostgresPosition.In(checkpoint) is not { } position || position.Timeline == server.Timeline)
            return None(server);
        if (position.Timeline > server.Timeline)
            throw Left(position.Timeline, server.Timeline, "which is older");
        var file = (await connection.QueryAsync(ReplicationCommands.TimelineHistory(server.Timeline), cancellationToken)).Single("content")
            ?? "";
        return SwitchPointOf(file, position.Timeline) is { } point
            ? new TimelineHistory(position.Timeline, server.Timeline, point)
            : throw Left(position.Timeline, server.Timeline, "which does not descend from it");
    }

    /// <summary>Refuses what lies beyond the switch point: it is durable in the log, and this server never had it.</summary>
    public void Check(PostgresPosition position)
    {
        if (position.Timeline == Present)
            return;
        if (position.Timeline != Known)
            throw Left(position.Timeline, Present, "whose history was read for another one");
        Check(position.EndLsn, "The log ends");
        if (position.Cut is { } cut)
            Check(Lsn.Parse(cut.Commit), "The log holds a part of a transaction that ends");
    }

    /// <summary>
    /// A slot that was carried over and stands beyond the switch point would pass over what the new timeline holds before it.
    /// </summary>
    public void CheckSlot(Lsn confirmed) => Check(confirmed, "The slot stands");

    /// <summary>
    /// A history file has a line for each timeline that was left: its number, the position, a reason, with blanks between
    /// (src/backend/access/transam/timeline.c, the same from 14 to 18).
    /// </summary>
    internal static Lsn? SwitchPointOf(string file, long timeline)
    {
        foreach (var line in file.Split('\n'))
        {
            var words = line.Split([' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0].StartsWith('#'))
                continue;
            if (!long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || !Lsn.TryParse(words[1], out var point))
                throw new CdcException(ErrorCodes.SourceProtocolViolation,
                    "Reading the server's timeline history, a line has another form than number and position.");
            if (number == timeline)
                return point;
        }

        return null;
    }

    private void Check(Lsn position, string what)
    {
        if (position <= SwitchPoint)
            return;
        throw new CdcException(ErrorCodes.SourceTimelineLeft,
            FormattableString.Invariant(
                $"{what} at '{position}' of timeline '{Known}', but the server's timeline '{Present}' left that one at '{SwitchPoint}'."));
    }

    private static CdcException Left(long known, long present, string why) => new(ErrorCodes.SourceTimelineLeft,
        FormattableString.Invariant($"The log was written on timeline '{known}', the server is on timeline '{present}', {why}."));
}

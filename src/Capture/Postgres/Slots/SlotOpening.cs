using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>
/// Starts a session in the order that loses nothing: look at the source, take the slot, only then fence the log, and compare both with the
/// checkpoint before the first change is taken (Invariants 5 and 6).
/// </summary>
public sealed class SlotOpening(
    PostgresOptions options, SessionPool sessions, string prefix, ITopicLog log, TimeProvider clock, Action<CdcException> onWaiting)
{
    /// <param name="publish">Makes the publication ready; called before a slot is made, and on each start.</param>
    /// <param name="repair">What is noted with the new position where a gap was acknowledged: every table is read again.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public async Task<OpenedSlot> OpenAsync(
        Func<CancellationToken, Task> publish, Func<Checkpoint, IReadOnlyList<CheckpointEntry>> repair, CancellationToken cancellationToken)
    {
        var connection = await ReplicationConnection.OpenAsync(options, ReplicationConnection.ApplicationName, clock, cancellationToken);
        ITopicLogWriter? writer = null;
        try
        {
            await connection.LiftLimitsAsync(cancellationToken);
            var server = await connection.IdentifySystemAsync(cancellationToken);
            var timeout = await connection.ReadSenderTimeoutAsync(cancellationToken);
            var checkpoint = await log.ReadCheckpointAsync(prefix, cancellationToken);
            await CheckServerAsync(connection, checkpoint, cancellationToken);
            var identity = SourceIdentity.Of(server, options.Slot);
            var isGap = checkpoint[CheckpointKeys.Gap] is not null;
            if (!isGap)
                identity.Check(checkpoint);
            var history = isGap ? TimelineHistory.None(server)
                : await TimelineHistory.ReadAsync(connection, server, checkpoint, cancellationToken);
            if (!isGap && PostgresPosition.In(checkpoint) is { } known)
                history.Check(known);

            var slot = await SlotState.ReadAsync(connection, options.Slot, cancellationToken);
            slot?.CheckKind(options.Database);
            var isNew = slot is null || IsLeftOver(checkpoint) || (isGap && options.Create);
            if (!isNew)
                slot?.CheckUsable();
            if (isNew)
            {
                writer = await log.OpenWriterAsync(prefix, cancellationToken);
                await MakeSlotAsync(connection, writer, server, slot, publish, repair, cancellationToken);
            }
            else
            {
                await DriverCall.RunAsync(publish, cancellationToken);
            }

            await TakeAsync(connection, cancellationToken);
            writer ??= await log.OpenWriterAsync(prefix, cancellationToken);
            return await CompareAsync(connection, writer, server, history, repair, cancellationToken) with
            {
                SenderTimeout = timeout, IsNew = isNew,
            };
        }
        catch
        {
            await connection.DisposeAsync();
            if (writer is not null)
                await writer.DisposeAsync();
            throw;
        }
    }

    /// <summary>A slot was about to be made, and nothing after it: what stands under the name is ours and worthless.</summary>
    private static bool IsLeftOver(Checkpoint checkpoint) =>
        checkpoint[CheckpointKeys.SlotIntent] is not null && checkpoint[CheckpointKeys.Position] is null;

    /// <summary>
    /// A standby is never the place to begin; where a primary was captured before, it is one that is about to be promoted.
    /// </summary>
    private static async Task CheckServerAsync(ReplicationConnection connection, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var result = await connection.QueryAsync(
            "SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.current_setting('wal_level') AS wal_level", cancellationToken);
        if (string.Equals(result.Single("standby"), "t", StringComparison.Ordinal))
        {
            throw new CdcException(
                checkpoint[CheckpointKeys.Position] is null ? ErrorCodes.SourceIsStandby : ErrorCodes.SourceAwaitsPromotion,
                "Starting capture, the source is in recovery, expected is a primary.");
        }

        if (!string.Equals(result.Single("wal_level"), "logical", StringComparison.Ordinal))
        {
            throw new CdcException(ErrorCodes.SourceSettingUnsuitable,
                $"Starting capture, 'wal_level' is '{result.Single("wal_level")}', expected is 'logical' (ALTER SYSTEM SET wal_level = " +
                "logical, then restart the server).");
        }
    }

    private async Task MakeSlotAsync(
        ReplicationConnection connection, ITopicLogWriter writer, ServerIdentity server, SlotState? leftOver,
        Func<CancellationToken, Task> publish,
        Func<Checkpoint, IReadOnlyList<CheckpointEntry>> repair, CancellationToken cancellationToken)
    {
        if (writer.Checkpoint[CheckpointKeys.Position] is not null && writer.Checkpoint[CheckpointKeys.Gap] is null)
        {
            var why = writer.Checkpoint[CheckpointKeys.Done] is null ? ""
                : ": with 'snapshot.mode: only' it was dropped once all tables were read";
            throw new CdcException(ErrorCodes.SourceSlotMissing,
                $"The log continues from slot '{options.Slot}', which the source no longer has{why}.");
        }

        if (!options.Create)
        {
            throw new CdcException(ErrorCodes.SourceSlotMissing,
                $"Slot '{options.Slot}' does not exist, and 'create' is not " +
                $"set ({ReplicationCommands.CreateSlotStatement(options.Slot, connection.ServerMajor)}).");
        }

        await AppendAsync(writer,
        [
            SourceIdentity.Of(server, options.Slot).ToEntry(), new CheckpointEntry(CheckpointKeys.SlotIntent, options.Slot),
        ], cancellationToken);
        if (leftOver is not null)
            await DropLeftOverAsync(connection, cancellationToken);
        // Before the slot: one that is older than its publication fails, or skips silently.
        await DriverCall.RunAsync(publish, cancellationToken);
        var start = await new SlotCreation(options.Slot, sessions, clock, onWaiting).RunAsync(connection, cancellationToken);
        await AppendAsync(writer, [.. StartEntries(server, start), .. Repair(writer.Checkpoint, repair)], cancellationToken);
    }

    /// <summary>A process that was killed while the server made its slot left a session behind that continues with that.</summary>
    private async Task DropLeftOverAsync(ReplicationConnection connection, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock, TimeSpan.FromSeconds(1));
        while (await SlotState.ReadAsync(connection, options.Slot, cancellationToken) is { } slot)
        {
            try
            {
                if (slot is not { IsHalfMade: true, ProcessId: { } process })
                {
                    await connection.DropSlotAsync(options.Slot, cancellationToken);
                    return;
                }

                await connection.QueryAsync(FormattableString.Invariant($"SELECT pg_catalog.pg_terminate_backend({process})"),
                    cancellationToken);
            }
            catch (CdcException error) when (error.Kind == ErrorKind.SourceBusy && backoff.IsGrowing)
            {
                // Its session is about to end.
            }

            await backoff.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes the slot; while another process has it, waits and says so.</summary>
    private async Task TakeAsync(ReplicationConnection connection, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(clock, TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                await connection.StartStreamAsync(options.Slot, Lsn.Zero, [options.Publication], cancellationToken);
                return;
            }
            catch (CdcException error) when (error.Kind == ErrorKind.SourceBusy)
            {
                if (backoff.IsGrowing)
                    onWaiting(error);
                await backoff.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task<OpenedSlot> CompareAsync(
        ReplicationConnection connection, ITopicLogWriter writer, ServerIdentity server, TimelineHistory history,
        Func<Checkpoint, IReadOnlyList<CheckpointEntry>> repair, CancellationToken cancellationToken)
    {
        var (confirmed, flushed) = await ReadConfirmedAsync(cancellationToken);
        var checkpoint = await log.ReadCheckpointAsync(prefix, cancellationToken);
        var isGap = checkpoint[CheckpointKeys.Gap] is not null;
        if (isGap || checkpoint[CheckpointKeys.Position] is null)
        {
            if (!isGap)
                await CheckUnusedAsync(cancellationToken);
            await AppendAsync(writer,
                [SourceIdentity.Of(server, options.Slot).ToEntry(), .. StartEntries(server, confirmed), .. Repair(checkpoint, repair)],
                cancellationToken);
            checkpoint = await log.ReadCheckpointAsync(prefix, cancellationToken);
        }

        var position = PostgresPosition.In(checkpoint)!;
        history.Check(position);
        var isPromoted = position.Timeline != server.Timeline;
        if (isPromoted)
            history.CheckSlot(confirmed);
        position = position with { Timeline = server.Timeline };
        var allowed = Lsn.Parse(checkpoint[CheckpointKeys.Allowed] ?? position.End);
        if (confirmed > allowed)
        {
            throw new CdcException(ErrorCodes.SourceSlotAhead,
                $"Slot '{options.Slot}' stands at '{confirmed}', but the log only allowed it to forget what is before '{allowed}'.");
        }

        // How far signs of life of a timeline that was left went says nothing of the new one.
        if (isPromoted)
            allowed = confirmed > position.EndLsn ? confirmed : position.EndLsn;
        CheckEnd(flushed, allowed > position.EndLsn ? allowed : position.EndLsn);

        await AppendAsync(writer,
            [
                new CheckpointEntry(CheckpointKeys.Owner, Guid.NewGuid().ToString("N")),
                new CheckpointEntry(CheckpointKeys.Position, position.ToSourcePosition().ToString()),
                new CheckpointEntry(CheckpointKeys.Allowed, allowed.ToString()),
            ], cancellationToken);
        return new OpenedSlot(connection, writer, position, confirmed, TimeSpan.Zero, IsNew: false);
    }

    /// <summary>
    /// What was seen of the log cannot lie behind its end: then the server was put back to an earlier state, on the same timeline, and
    /// writes other transactions now where the known ones were (Invariant 6).
    /// </summary>
    private static void CheckEnd(Lsn flushed, Lsn seen)
    {
        if (flushed < seen)
        {
            throw new CdcException(ErrorCodes.SourceOtherHistory,
                $"Starting capture, the server's log ends at '{flushed}', expected is an end at or behind '{seen}', up to which it was " +
                "captured: the server was put back to an earlier state.");
        }
    }

    /// <summary>
    /// The slot is ours by now and moves only when we say so; another session asks, for the first one streams. Beside it: where the log
    /// ends.
    /// </summary>
    private async Task<(Lsn Confirmed, Lsn Flushed)> ReadConfirmedAsync(CancellationToken cancellationToken)
    {
        var known = await sessions.UseAsync("Looking at the slot",
            (session, token) => SlotState.ReadConfirmedAsync(session, options.Slot, token), cancellationToken);
        return known ?? throw new CdcException(ErrorCodes.SourceSlotMissing, $"Slot '{options.Slot}' vanished while it was taken.");
    }

    /// <summary>A slot that the DBA made serves only where the log holds nothing of this prefix yet.</summary>
    private async Task CheckUnusedAsync(CancellationToken cancellationToken)
    {
        var topics = await log.DescribeTopicsAsync(
            topic => topic.StartsWith(prefix + ".", StringComparison.Ordinal), cancellationToken);
        if (topics is [var topic, ..])
        {
            throw new CdcException(ErrorCodes.SourceSlotUnused,
                $"Slot '{options.Slot}' has no checkpoint in the log, but topic '{topic.Topic}' is there already.");
        }
    }

    /// <summary>The gap is behind us with the new position, in one append (Invariants 3 and 6).</summary>
    private static IReadOnlyList<CheckpointEntry> Repair(Checkpoint checkpoint, Func<Checkpoint, IReadOnlyList<CheckpointEntry>> repair) =>
        checkpoint[CheckpointKeys.Gap] is null ? [] : [.. repair(checkpoint), new CheckpointEntry(CheckpointKeys.Gap, null)];

    private static CheckpointEntry[] StartEntries(ServerIdentity server, Lsn start)
    {
        var position = new PostgresPosition(server.SystemId, server.Timeline, start.ToString(), Xid: 0, CommittedAt: 0, Cut: null);
        return
        [
            new CheckpointEntry(CheckpointKeys.Position, position.ToSourcePosition().ToString()),
            new CheckpointEntry(CheckpointKeys.Allowed, start.ToString()),
            new CheckpointEntry(CheckpointKeys.SlotIntent, null),
            new CheckpointEntry(CheckpointKeys.Done, null),
        ];
    }

    private static async Task AppendAsync(
        ITopicLogWriter writer, IReadOnlyList<CheckpointEntry> entries, CancellationToken cancellationToken)
    {
        using var nothing = new RecordBatch(new PartitionTable(), 64);
        await writer.AppendAsync(nothing, _ => entries, cancellationToken);
    }
}

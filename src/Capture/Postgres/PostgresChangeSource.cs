using System.Buffers.Binary;
using System.Collections.Concurrent;
using Cdc.Capture.Postgres.Catalog;
using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;
using Cdc.Contracts.Schema;

namespace Cdc.Capture.Postgres;

/// <summary>
/// One session's stream of a slot as changes of tables. What the log holds already is dropped by <see cref="ResumeFilter"/>; what is
/// durable is told to the server by a loop of its own, which never waits for delivery.
/// </summary>
public sealed class PostgresChangeSource : IChangeSource
{
    /// <summary>A server that is stalled takes nothing, once what lies between is full.</summary>
    private static readonly TimeSpan LastStatusTimeout = TimeSpan.FromSeconds(2);

    /// <summary>In messages of changes, behind the kind.</summary>
    private const int RelationAt = 1;

    private readonly ReplicationConnection connection;
    private readonly StandbyFeedback feedback;
    private readonly RelationPlans plans;
    private readonly TransactionCursor cursor;
    private readonly PostgresSourceBlock block;
    private readonly Action<TableId, CdcException> onUnplanned;
    private readonly PgOutputDecoder decoder = new();
    private readonly RowFilling filling = new();
    private readonly Queue<SourceTable> truncated = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Task sending;
    private readonly ConcurrentQueue<TableId> asked = new();
    private readonly Queue<RelationMessage> again = new();
    private readonly Queue<RelationMessage> unplaced = new();
    private RelationMessage? pending;
    private PartitionNaming partitions;
    private volatile bool isAgain;
    private SourceTable? described;
    private (TableId Table, CdcException Error)? unplanned;

    /// <param name="connection">Streams already.</param>
    /// <param name="feedback">Of the same connection.</param>
    /// <param name="plans">What the tables look like.</param>
    /// <param name="cursor">Where the stream continues.</param>
    /// <param name="block">The field <c>source</c> of events.</param>
    /// <param name="onUnplanned">
    /// Called while reading, before the first change that is left out, for a table whose shape cannot be told.
    /// </param>
    public PostgresChangeSource(
        ReplicationConnection connection, StandbyFeedback feedback, RelationPlans plans, TransactionCursor cursor,
        PostgresSourceBlock block,
        Action<TableId, CdcException> onUnplanned)
    {
        this.onUnplanned = onUnplanned;
        this.connection = connection;
        this.feedback = feedback;
        this.plans = plans;
        this.cursor = cursor;
        this.block = block;
        sending = feedback.RunAsync(stopping.Token);
    }

    /// <summary>
    /// Told of each table that the stream names, selected or not: its name and number, and whether this session has named it before.
    /// </summary>
    public Action<TableId, uint, bool>? OnAnnounced { get; init; }

    /// <summary>Told of each partition whose rows come as its root's, by the source's number, once a session at least.</summary>
    public Action<TableId, uint>? OnPartition { get; init; }

    /// <summary>What tables are called, of a server whose stream does not always tell; null where it does.</summary>
    public StreamedNames? Names { get; init; }

    /// <summary>Told of each mark that is durable.</summary>
    public Action<PostgresMark>? OnDurable { get; init; }

    /// <summary>The largest value that is taken.</summary>
    public ValueLimit Limit { get; init; } = ValueLimit.None;

    public SourceBlock Block => block;

    public bool WantsCheckpoint => cursor.WantsCheckpoint;

    public bool IsBetweenTransactions => !cursor.IsInside;

    public ulong Reached => cursor.Reached.Value;

    public bool StopsBetweenTransactions { get; set; }

    public void AskForPosition() => feedback.Ask();

    public void DescribeAgain(TableId table)
    {
        asked.Enqueue(table); // The plans are the filling's own: it may be at them in this moment.
        isAgain = true;
    }

    public async Task FillAsync(CancellationToken cancellationToken)
    {
        if (pending is null && isAgain)
        {
            pending = NextAgain();
            if (pending is null)
                return; // What is here already is read on before more is waited for.
        }

        if (pending is not null)
        {
            await PlanAsync(pending, cancellationToken);
            pending = null;
            return;
        }

        var filled = connection.FillAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(filled, sending) == sending)
        {
            // The connection is lost, or the server silent: say so instead of waiting for bytes. Nobody else may find them waited for.
            connection.Abort();
            await filled.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await sending;
        }

        await filled;
    }

    /// <summary>The next announcement to be described again; null for none.</summary>
    private RelationMessage? NextAgain()
    {
        isAgain = false; // First: a table that is asked for from here on sets it again.
        while (asked.TryDequeue(out var table))
        {
            foreach (var relation in plans.LeftOut(table))
                again.Enqueue(relation);
        }

        if (!again.TryDequeue(out var next))
            return null;
        if (again.Count > 0)
            isAgain = true;
        return next;
    }

    public ReadResult TryRead(out SourceChange change)
    {
        if (TryTakeAside(out change, out var result))
            return result;
        while (pending is null && !isAgain && connection.TryReadFrame(out var frame))
        {
            if (frame.Kind == FrameKind.Keepalive)
                TakeKeepalive(frame);
            else if (TryTakeMessage(frame, out change))
                return ReadResult.Change;
            if (StopsBetweenTransactions && !cursor.IsInside)
                return ReadResult.Boundary;
        }

        return ReadResult.Empty;
    }

    public SourceMark Mark() => cursor.Mark();

    public void Confirm(SourceMark mark)
    {
        var durable = (PostgresMark)mark;
        cursor.Note(durable);
        feedback.Confirm(durable.Allowed); // Invariant 1
        OnDurable?.Invoke(durable);
        if (cursor.TakeReplyRequest())
            feedback.Signal();
    }

    public async ValueTask DisposeAsync()
    {
        feedback.Signal();
        await stopping.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var limit = new CancellationTokenSource(LastStatusTimeout);
        await connection.SendStatusAsync(feedback.Confirmed, feedback.Confirmed, feedback.Confirmed, replyRequested: false, limit.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DisposeAsync();
        stopping.Dispose();
    }

    /// <summary>A table that cannot be described stops alone, but not from here: this runs beside the appends.</summary>
    private async Task PlanAsync(RelationMessage relation, CancellationToken cancellationToken)
    {
        try
        {
            described = await plans.PlanAsync(relation, cancellationToken);
        }
        catch (CdcException error) when (ErrorPolicy.For(error.Kind) == ErrorResponse.StopTable)
        {
            plans.LeaveOut(relation);
            unplanned = (relation.Table, error);
        }
    }

    /// <summary>What is left of a message that gave more than one result.</summary>
    private bool TryTakeAside(out SourceChange change, out ReadResult result)
    {
        if (unplanned is var (table, error))
        {
            onUnplanned(table, error);
            unplanned = null;
        }

        result = described is null ? ReadResult.Change : ReadResult.Table;
        if (described is not null || truncated.TryDequeue(out described))
        {
            change = new SourceChange
            {
                Table = described,
                Operation = Operation.Truncate,
                Transaction = new TransactionMark(cursor.Transaction.Xid),
                HasMore = truncated.Count > 0,
            };
            described = null;
            return true;
        }

        change = default;
        return false;
    }

    private void TakeKeepalive(ReplicationFrame frame)
    {
        cursor.Keepalive(frame.WalEnd, frame.ReplyRequested);
        if (frame.ReplyRequested)
            feedback.Signal();
    }

    private bool TryTakeMessage(ReplicationFrame frame, out SourceChange change)
    {
        change = default;
        switch (PgOutputDecoder.KindOf(frame.Payload, frame.WalStart))
        {
            case MessageKind.Insert or MessageKind.Update or MessageKind.Delete:
                if (IsNameInDoubt && frame.Payload.Length > RelationAt + sizeof(uint)
                    && !TryName([BinaryPrimitives.ReadUInt32BigEndian(frame.Payload[RelationAt..])], frame.WalStart))
                {
                    return false;
                }

                return cursor.Takes(frame.Payload, frame.WalStart, frame.Cut?.Checksum) && TryShape(frame, out change);
            case MessageKind.Begin:
                partitions.Forget();
                Begin(BeginMessage.Decode(frame.Payload, frame.WalStart));
                return false;
            case MessageKind.Commit:
                if (unplaced.Count > 0 && !TryName([], Lsn.Zero))
                    return false;
                cursor.Commit(CommitMessage.Decode(frame.Payload, frame.WalStart));
                return false;
            case MessageKind.Relation:
                Take(RelationMessage.Decode(frame.Payload, frame.WalStart));
                return false;
            case MessageKind.Truncate:
                partitions.Forget();
                var truncate = TruncateMessage.Decode(frame.Payload, frame.WalStart);
                if (IsNameInDoubt && !TryName([.. truncate.RelationIds], frame.WalStart))
                    return false;
                return cursor.Takes(frame.Payload, frame.WalStart) && TryTruncate(truncate, frame.WalStart, out change);
            case MessageKind.Origin:
                TakeOrigin(OriginMessage.Decode(frame.Payload, frame.WalStart));
                return false;
            case MessageKind.Type or MessageKind.LogicalMessage:
                return false; // Types are read from the catalog; messages are our own heartbeats, or others' business.
            default:
                throw new CdcException(ErrorCodes.Internal, "A kind of message that the decoder knows is not read.");
        }
    }

    private void Begin(BeginMessage begin)
    {
        cursor.Begin(begin);
        block.CommittedAt = begin.CommitTimeMicroseconds;
        block.TransactionId = begin.Xid;
        block.LastCommitLsn = (long)cursor.LastEnd.Value;
        block.Origin = [];
    }

    private void TakeOrigin(OriginMessage origin)
    {
        block.Origin = System.Text.Encoding.UTF8.GetBytes(origin.Name);
        block.OriginLsn = (long)origin.CommitLsn.Value;
    }

    private bool IsNameInDoubt => Names is not null && (Names.HasOutdated || unplaced.Count > 0);

    /// <summary>Where the server says no place with it, the change behind it tells.</summary>
    private void Take(RelationMessage relation)
    {
        partitions.Announce(relation.RelationId);
        if (Names is null)
            Announce(relation);
        else
            unplaced.Enqueue(relation);
    }

    /// <summary>
    /// Sees to the names of what was announced ahead of a message, and of the tables that it is of. False where one of them must be
    /// described first: the message comes again then.
    /// </summary>
    private bool TryName(ReadOnlySpan<uint> relations, Lsn at)
    {
        var commit = cursor.Transaction.FinalLsn.Value;
        while (unplaced.TryDequeue(out var announced))
        {
            Announce(announced.Named(Names!.Announce(announced.RelationId, announced.Table, at.Value, commit)));
            if (pending is not null)
                return PutBack();
        }

        foreach (var relation in relations)
        {
            // As if the server had sent it: what a row looks like does not depend on its table's name.
            if (Names!.Correct(relation, commit) is { } name)
                Announce(plans.Latest(relation).Named(name));
            if (pending is not null)
                return PutBack();
        }

        return true;
    }

    private bool PutBack()
    {
        connection.PutBack();
        return false;
    }

    private void Announce(RelationMessage relation)
    {
        // What the log is past was told, and may be so no longer.
        if (!cursor.IsDropping || Names?.IsCaptured(relation.RelationId) == false)
            OnAnnounced?.Invoke(relation.Table, relation.RelationId, plans.Knows(relation.RelationId));
        if (plans.IsNews(relation))
            pending = relation;
    }

    private bool TryShape(ReplicationFrame frame, out SourceChange change)
    {
        change = default;
        var row = frame.Cut is null ? decoder.DecodeRow(frame.Payload, frame.WalStart) : default;
        var relation = BinaryPrimitives.ReadUInt32BigEndian(frame.Payload[RelationAt..]);
        var partition = partitions.TakePartition(relation);
        if (!plans.TryGet(relation, out var table))
            return false;
        if (partition > 0)
            OnPartition?.Invoke(table.Schema.Id, partition);
        if (frame.Cut is null && row.Operation != Operation.Delete && row.New.Columns.Length != table.Schema.Columns.Length)
        {
            throw new CdcException(ErrorCodes.SourceProtocolViolation,
                $"Reading a row of table '{table.Schema.Id}' at '{frame.WalStart}', it has {row.New.Columns.Length} columns, announced " +
                $"were {table.Schema.Columns.Length}.");
        }

        if ((frame.Cut?.Value ?? Limit.Find(frame.Payload, frame.Payload.Length)) is { } large)
        {
            change = Refuse(table, large);
            return true;
        }

        block.Lsn = (long)frame.WalStart.Value;
        change = new SourceChange
        {
            Table = table,
            Operation = row.Operation,
            Transaction = new TransactionMark(cursor.Transaction.Xid),
            OldImage = row.OldKind switch { OldImageKind.None => OldImage.None, OldImageKind.Key => OldImage.KeyOnly, _ => OldImage.Full },
            Before = row.Old,
            After = row.OldKind == OldImageKind.None ? row.New : filling.Fill(frame.Payload, row.New, row.Old),
        };
        return true;
    }

    /// <summary>Whatever was done to the row.</summary>
    private SourceChange Refuse(SourceTable table, LargeValue large) => new()
    {
        Table = table, Operation = Operation.Update, Transaction = new TransactionMark(cursor.Transaction.Xid),
        Refusal = Limit.Refuse(table.Schema, large),
    };

    private bool TryTruncate(TruncateMessage message, Lsn at, out SourceChange change)
    {
        block.Lsn = (long)at.Value;
        foreach (var relation in message.RelationIds)
        {
            if (plans.TryGet(relation, out var table))
                truncated.Enqueue(table);
        }

        return TryTakeAside(out change, out _);
    }
}

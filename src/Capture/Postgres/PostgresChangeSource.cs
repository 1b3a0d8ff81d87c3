using Cdc.Capture.Postgres.Decoding;
using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Sources;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Events;

namespace Cdc.Capture.Postgres;

/// <summary>
/// One session's stream of a slot as changes of tables. What the log holds already is dropped by <see cref="ResumeFilter"/>; what is
/// durable is told to the server by a loop of its own, which never waits for delivery.
/// </summary>
public sealed class PostgresChangeSource : IChangeSource
{
    private readonly ReplicationConnection connection;
    private readonly StandbyFeedback feedback;
    private readonly RelationPlans plans;
    private readonly TransactionCursor cursor;
    private readonly PostgresSourceBlock block;
    private readonly PgOutputDecoder decoder = new();
    private readonly RowFilling filling = new();
    private readonly Queue<SourceTable> truncated = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Task sending;
    private RelationMessage? pending;
    private SourceTable? described;

    public PostgresChangeSource(
        ReplicationConnection connection, StandbyFeedback feedback, RelationPlans plans, TransactionCursor cursor, PostgresSourceBlock block)
    {
        this.connection = connection;
        this.feedback = feedback;
        this.plans = plans;
        this.cursor = cursor;
        this.block = block;
        sending = feedback.RunAsync(stopping.Token);
    }

    public SourceBlock Block => block;

    public bool WantsCheckpoint => cursor.WantsCheckpoint;

    public async Task FillAsync(CancellationToken cancellationToken)
    {
        if (pending is not null)
        {
            described = await plans.PlanAsync(pending, cancellationToken);
            pending = null;
            return;
        }

        var filled = connection.FillAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(filled, sending) == sending)
            await sending; // The connection is lost, or feedback failed: say so instead of waiting for bytes.
        await filled;
    }

    public ReadResult TryRead(out SourceChange change)
    {
        change = default;
        if (TakeDescribed(ref change))
            return ReadResult.Table;
        while (truncated.Count > 0 || (pending is null && ReadFrame()))
        {
            if (truncated.TryDequeue(out var table))
            {
                change = new SourceChange { Table = table, Operation = Operation.Truncate, HasMore = truncated.Count > 0 };
                return ReadResult.Change;
            }

            if (TakeRow(ref change))
                return ReadResult.Change;
        }

        return ReadResult.Empty;
    }

    public SourceMark Mark() => cursor.Mark();

    public void Confirm(SourceMark mark)
    {
        feedback.Confirm(((PostgresMark)mark).Allowed); // Invariant 1
        if (cursor.TakeReplyRequest())
            feedback.Signal();
    }

    public async ValueTask DisposeAsync()
    {
        feedback.Signal();
        await stopping.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.SendStatusAsync(feedback.Confirmed, feedback.Confirmed, feedback.Confirmed, replyRequested: false, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DisposeAsync();
        await plans.DisposeAsync();
        stopping.Dispose();
    }
}

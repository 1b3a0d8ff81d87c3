using Cdc.Contracts.Schema;
using Cdc.Sink.SchemaEvolution;

namespace Cdc.Sink.Consuming;

/// <summary>One topic and the target table it fills.</summary>
public sealed class SinkTable(string topic, TableId source, TargetName target)
{
    private TableSchema? fitted;
    private TableSchema? proposed;

    public string Topic { get; } = topic;

    /// <summary>The table in the source, in its spelling.</summary>
    public TableId Source { get; } = source;

    public TargetName Target { get; } = target;

    /// <summary>Whether the table is stopped; its ledger stays where it is. <see cref="TopicTroubles"/> says why.</summary>
    public bool IsStill { get; private set; }

    /// <summary>
    /// The schema of which the target's table has rows, whether it still fits or not; null where this process does not know, or all rows
    /// come again.
    /// </summary>
    public TableSchema? Held { get; private set; }

    /// <summary>Whether this process made the target's table fit any schema.</summary>
    public bool IsFitted => fitted is not null;

    /// <summary>Whether the target's table was made to fit this schema, in a transaction that committed or in the present one.</summary>
    public bool Fits(TableSchema schema) => ReferenceEquals(proposed ?? fitted, schema);

    /// <summary>The present transaction made the table fit; it holds once <see cref="ConfirmFit"/> is called.</summary>
    public void ProposeFit(TableSchema schema) => proposed = schema;

    public void ConfirmFit() => (fitted, proposed) = (proposed ?? fitted, null);

    /// <summary>Rows were committed.</summary>
    public void ConfirmRows()
    {
        ConfirmFit();
        Held = fitted;
    }

    /// <summary>The present transaction came to nothing.</summary>
    public void ForgetPending() => proposed = null;

    /// <summary>
    /// Whether it was the target that stopped the table: then what is gathered for it must not be applied, nor its offsets moved.
    /// </summary>
    public bool IsRefused { get; private set; }

    /// <summary>A record of the table cannot be read: what came before it is still applied.</summary>
    public void Stop() => IsStill = true;

    /// <summary>
    /// The target cannot take the table's rows. Whatever was made fit is looked at again: somebody may drop the table, so that it is made
    /// again.
    /// </summary>
    public void Refuse() => (IsStill, IsRefused, fitted, proposed) = (true, true, null, null);

    /// <summary>What is known of the target's table no longer counts: all its rows come again, or the target is another.</summary>
    public void Forget() => (fitted, proposed, Held) = (null, null, null);

    /// <summary>It continues from where its ledger stands.</summary>
    public void Resume() => (IsStill, IsRefused) = (false, false);

    /// <summary>How much memory the table's rows took in the last batch.</summary>
    public long UsualBytes { get; set; }
}

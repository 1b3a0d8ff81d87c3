using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

internal sealed class ReadCheckpointRequest(string prefix) : JournalRequest<Checkpoint>
{
    private Checkpoint checkpoint = Checkpoint.Empty;

    public override void Stage(JournalStage stage) => checkpoint = stage.State.CheckpointOf(prefix);

    protected override Checkpoint Result(DurableView view) => checkpoint;
}

namespace Cdc.Transport.Embedded;

internal sealed class OpenWriterRequest(EmbeddedLogWriter writer) : JournalRequest<EmbeddedLogWriter>
{
    public override void Stage(JournalStage stage)
    {
        writer.Checkpoint = stage.State.CheckpointOf(writer.Prefix);
        stage.Enthrone(writer);
    }

    protected override EmbeddedLogWriter Result(DurableView view) => writer;
}

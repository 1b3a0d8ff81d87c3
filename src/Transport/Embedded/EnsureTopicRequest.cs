using Cdc.Contracts.Topics;

namespace Cdc.Transport.Embedded;

internal sealed class EnsureTopicRequest(EmbeddedLogWriter writer, string topic, int partitions) : JournalRequest<TopicState>
{
    public override void Stage(JournalStage stage)
    {
        stage.Require(writer);
        if (stage.State.Catalog.TryGet(topic, out _))
            return;
        var made = new NewTopic(topic, Guid.NewGuid(), partitions);
        stage.Add([], [made], writer.Prefix, [], default);
        stage.State.AddTopic(made);
    }

    protected override TopicState Result(DurableView view) => view.Describe(topic);

    public override void Fail(Exception error)
    {
        writer.Fail(error);
        base.Fail(error);
    }
}

namespace Cdc.Transport.Embedded;

internal sealed class ListPrefixesRequest : JournalRequest<IReadOnlyList<string>>
{
    private IReadOnlyList<string> prefixes = [];

    public override void Stage(JournalStage stage) => prefixes = stage.State.ListPrefixes();

    protected override IReadOnlyList<string> Result(DurableView view) => prefixes;
}

using Cdc.Capture.Postgres.Snapshot;
using Cdc.Capture.Reading;
using Cdc.Capture.Sources;

namespace Cdc.Capture.Tests.Reading;

/// <summary>Notes of a source whose every read claims to see all that was streamed shortly before.</summary>
internal sealed class BlindNotes : ISourceNotes
{
    public ISuspects ReadSuspects(string? text) => new BlindSuspects(PostgresNotes.Instance.ReadSuspects(text));

    public ITableFingerprint ReadFingerprint(string text) => PostgresNotes.Instance.ReadFingerprint(text);

    public TablePart ReadPart(string text) => PostgresNotes.Instance.ReadPart(text);

    private sealed class BlindSuspects(ISuspects kept) : ISuspects
    {
        public IReadSight? Newest => kept.Newest;

        public int Count => kept.Count;

        public bool Note(TransactionMark transaction) => kept.Note(transaction);

        public bool Forget(IReadSight sight) => kept.Forget(sight);

        public bool AreSeenBy(IReadSight sight) => true;

        public ISuspects Copy() => this;

        public string ToText() => kept.ToText();
    }
}

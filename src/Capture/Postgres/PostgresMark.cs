using Cdc.Capture.Postgres.Replication;
using Cdc.Capture.Sources;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Postgres;

/// <summary>A place in the stream of a slot: what to resume from, and up to where the server may forget once the mark is durable.</summary>
public sealed class PostgresMark(PostgresPosition position, Lsn allowed) : SourceMark
{
    public PostgresPosition Position { get; } = position;

    public Lsn Allowed { get; } = allowed;

    public override IReadOnlyList<CheckpointEntry> Entries =>
    [
        new CheckpointEntry(CheckpointKeys.Position, Position.ToSourcePosition().ToString()),
        new CheckpointEntry(CheckpointKeys.Allowed, Allowed.ToString()),
    ];
}

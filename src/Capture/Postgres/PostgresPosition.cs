using System.Text.Json;
using System.Text.Json.Serialization;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Positions;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Postgres;

/// <summary>
/// How far a Postgres source is durable in the log: the end of the last complete transaction, by which it is known again, and how much of
/// the one after it was appended already. Positions are text in the checkpoint.
/// </summary>
/// <param name="SystemId">The cluster.</param>
/// <param name="Timeline">Its timeline then.</param>
/// <param name="End">Where the last complete transaction ended, or where the slot began.</param>
/// <param name="Xid">That transaction's number; 0 where there is none yet.</param>
/// <param name="CommittedAt">Its commit time in microseconds since 1970.</param>
/// <param name="Cut">The transaction that a batch cut, or null.</param>
public sealed record PostgresPosition(string SystemId, long Timeline, string End, uint Xid, long CommittedAt, CutTransaction? Cut)
{
    [JsonIgnore]
    public Lsn EndLsn => Lsn.Parse(End);

    public SourcePosition ToSourcePosition() => SourcePosition.Parse(JsonSerializer.Serialize(this));

    /// <summary>The position that the checkpoint holds, or null where there is none yet.</summary>
    public static PostgresPosition? In(Checkpoint checkpoint) =>
        checkpoint[CheckpointKeys.Position] is { } text ? Parse(SourcePosition.Parse(text)) : null;

    public static PostgresPosition Parse(SourcePosition position)
    {
        try
        {
            return JsonSerializer.Deserialize<PostgresPosition>(position.ToString()) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new CdcException(ErrorCodes.CheckpointUnreadable,
                "Reading the checkpoint, the source's position is not one of a Postgres source.", error);
        }
    }
}

/// <summary>A transaction of which the first messages are durable.</summary>
/// <param name="Commit">Position of its commit record.</param>
/// <param name="Messages">How many row and truncate messages were appended, counted as the server sends them, before any selection.</param>
/// <param name="LastHash">CRC-32C of the last of them.</param>
public sealed record CutTransaction(uint Xid, string Commit, long CommittedAt, long Messages, uint LastHash);

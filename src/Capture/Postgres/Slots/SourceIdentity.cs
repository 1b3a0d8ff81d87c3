using System.Text.Json;
using Cdc.Capture.Postgres.Replication;
using Cdc.Contracts.Errors;
using Cdc.Contracts.Topics;

namespace Cdc.Capture.Postgres.Slots;

/// <summary>Which cluster, database and slot a checkpoint belongs to; positions mean nothing anywhere else.</summary>
public sealed record SourceIdentity(string SystemId, string Database, string Slot)
{
    public static SourceIdentity Of(ServerIdentity server, string slot) => new(server.SystemId, server.Database, slot);

    public CheckpointEntry ToEntry() => new(CheckpointKeys.Source, JsonSerializer.Serialize(this));

    /// <summary>Refuses a source that is not the one the checkpoint was written for (Invariant 6).</summary>
    public void Check(Checkpoint checkpoint)
    {
        if (checkpoint[CheckpointKeys.Source] is not { } text)
            return;
        var known = JsonSerializer.Deserialize<SourceIdentity>(text);
        if (known != this)
        {
            throw new CdcException(ErrorCodes.SourceReplaced,
                $"The log belongs to slot '{known?.Slot}' of database '{known?.Database}' on system '{known?.SystemId}', but this is " +
                $"slot '{Slot}' of database '{Database}' on system '{SystemId}'.");
        }
    }
}

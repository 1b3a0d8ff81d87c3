using System.Text.Json;
using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Topics;

/// <summary>
/// Which database a prefix's records come from. Capture keeps it in the checkpoint, maybe with more beside it; a sink whose target is that
/// very database must not write over its tables.
/// </summary>
/// <param name="SystemId">The server or cluster, as its kind of server identifies itself.</param>
/// <param name="Database">The database there.</param>
public sealed record SourceDatabase(string SystemId, string Database)
{
    /// <summary>The checkpoint's entry.</summary>
    public const string EntryKey = "source";

    /// <summary>What the checkpoint notes, or null. Throws <c>CDC-2025</c>.</summary>
    public static SourceDatabase? Read(Checkpoint checkpoint)
    {
        if (checkpoint[EntryKey] is not { } text)
            return null;
        try
        {
            return JsonSerializer.Deserialize<SourceDatabase>(text);
        }
        catch (JsonException error)
        {
            throw new CdcException(ErrorCodes.CheckpointUnreadable, "Reading the checkpoint, which database it is of is not understood.",
                error);
        }
    }
}

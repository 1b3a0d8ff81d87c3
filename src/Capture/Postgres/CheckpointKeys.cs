using Cdc.Contracts.Topics;

namespace Cdc.Capture.Postgres;

/// <summary>The checkpoint's entries that a Postgres source keeps.</summary>
public static class CheckpointKeys
{
    /// <summary>A <see cref="PostgresPosition"/>.</summary>
    public const string Position = "position";

    /// <summary>The furthest position that the slot may have been told: a slot beyond it was moved by another.</summary>
    public const string Allowed = "allowed";

    /// <summary>Which cluster, database and slot the positions belong to.</summary>
    public const string Source = SourceDatabase.EntryKey;

    /// <summary>A slot is about to be made: until a position follows, a slot of that name is ours and worthless.</summary>
    public const string SlotIntent = "slot-intent";

    /// <summary>
    /// Somebody acknowledged that changes are missing and had every table read again: until a position follows, the one that is noted, the
    /// source's identity and the slot count for nothing. Its value is the offset behind the request.
    /// </summary>
    public const string Gap = "gap";

    /// <summary>Every table was read, which is all that was asked for; the slot is gone, or is the next to go.</summary>
    public const string Done = "done";

    /// <summary>The process that writes, a random id.</summary>
    public const string Owner = "owner";
}

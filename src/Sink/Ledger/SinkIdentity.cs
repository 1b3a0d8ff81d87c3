namespace Cdc.Sink.Ledger;

/// <summary>Whose rows of a ledger are.</summary>
/// <param name="Key">The sink's key in the ledger.</param>
/// <param name="FormerKey">The key that it had before installations had a place in the ledger; null for the same one.</param>
public sealed record SinkIdentity(string Key, string? FormerKey);

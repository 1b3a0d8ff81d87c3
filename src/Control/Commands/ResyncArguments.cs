namespace Cdc.Control.Commands;

/// <summary>Somebody asks that tables be read again: the body of <c>POST /api/v1/resync</c>.</summary>
/// <param name="Tables">Patterns over <c>schema.table</c>; <c>*</c> means every table of the source.</param>
/// <param name="Source">The source's name; null: every source that has such tables.</param>
public sealed record ResyncArguments(IReadOnlyList<string> Tables, string? Source = null);

/// <summary>What became of a <see cref="ResyncArguments"/>; durable.</summary>
public sealed record ResyncReceipt(IReadOnlyList<AcceptedResync> Requests);

/// <summary>One source reads tables again.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Id">The request's, for people.</param>
/// <param name="Tables">Those that are known by now; others that the patterns mean are read too.</param>
public sealed record AcceptedResync(string Source, string Id, IReadOnlyList<string> Tables);

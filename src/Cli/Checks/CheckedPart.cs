using Cdc.Contracts.Checks;

namespace Cdc.Cli.Checks;

/// <summary>What was found of one part of an installation.</summary>
/// <param name="Role"><c>log</c>, <c>source</c> or <c>sink</c>.</param>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Place">Where it is, for people; no secrets.</param>
internal sealed record CheckedPart(string Role, string Name, string Place, IReadOnlyList<Finding> Findings);

using Cdc.Contracts.Errors;

namespace Cdc.Cli.Configuration;

/// <summary>One thing that is wrong in a configuration file.</summary>
/// <param name="Line">Counted from 1; 0 where the file as a whole is meant.</param>
/// <param name="Path">The keys that lead there, such as <c>sources.shop.tables[2]</c>; empty for the whole file.</param>
/// <param name="Message">What was found, unless it is secret, and what was expected.</param>
internal sealed record Fault(ErrorCode Code, int Line, string Path, string Message);

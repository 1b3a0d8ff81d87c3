namespace Cdc.EndToEnd.Tests.Monkey;

/// <summary>
/// The source's server does not take a deed's statement, for what another deed did to the table before: a retype where a generated column
/// came.
/// </summary>
internal sealed class RefusedException(string message, Exception inner) : Exception(message, inner);

namespace Cdc.Contracts.Errors;

/// <summary>
/// An error with a code. The message says what was being done, on what, what was found and what was expected; it never holds a
/// row's values or a secret (Invariant 8).
/// </summary>
public sealed class CdcException : Exception
{
    public CdcException(ErrorCode code, string message, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
    }

    public ErrorCode Code { get; }

    public ErrorKind Kind => Code.Kind;

    /// <summary>The error as one line for people: code, message, remedy.</summary>
    public string Describe() => $"{Code} {Message} {Code.Remedy}";
}

using Cdc.Contracts.Errors;

namespace Cdc.Contracts.Checks;

/// <summary>How much a finding matters.</summary>
public enum FindingLevel
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>It will run, and may give trouble later.</summary>
    Warning,

    /// <summary>It will not run, or a table will stop.</summary>
    Fault,
}

/// <summary>What a look at the surroundings found. It never holds a row's values or a secret (Invariant 8).</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Subject">What was looked at, in a word or two, such as <c>slot 'shop'</c>.</param>
/// <param name="Message">What was found and, unless it is good, what was expected; no full stop.</param>
/// <param name="Remedy">The statement, setting or deed that mends it; null where nothing needs mending.</param>
/// <param name="Code">The code of the error it would end in; null where there is none.</param>
public sealed record Finding(FindingLevel Level, string Subject, string Message, string? Remedy = null, ErrorCode? Code = null)
{
    /// <summary>All is well with the subject.</summary>
    public static Finding Good(string subject, string message) => new(FindingLevel.Good, subject, message);

    /// <summary>Something that may give trouble later.</summary>
    public static Finding Warning(string subject, string message, string? remedy = null) =>
        new(FindingLevel.Warning, subject, message, remedy);

    /// <summary>Something that keeps it from running.</summary>
    public static Finding Fault(string subject, string message, string? remedy, ErrorCode? code = null) =>
        new(FindingLevel.Fault, subject, message, remedy, code);

    /// <summary>An error that ended the look itself.</summary>
    public static Finding Of(string subject, CdcException error) =>
        new(FindingLevel.Fault, subject, error.Message.TrimEnd('.'), error.Code.Remedy, error.Code);
}

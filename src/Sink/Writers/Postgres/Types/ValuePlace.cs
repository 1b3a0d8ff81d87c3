using Cdc.Contracts.Errors;

namespace Cdc.Sink.Writers.Postgres.Types;

/// <summary>Where a value belongs, for messages, which name the column and never the value (Invariant 8).</summary>
internal sealed record ValuePlace(string Table, string Column)
{
    /// <summary>The exception for a value that the column cannot hold as it is.</summary>
    /// <param name="found">What is wrong with it, such as <c>text with a zero byte</c>.</param>
    public CdcException Refuse(string found) =>
        new(ErrorCodes.TargetValueUnsupported,
            $"Writing column '{Column}' of table '{Table}' met {found}, which PostgreSQL cannot hold there.");
}

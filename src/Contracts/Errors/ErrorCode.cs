namespace Cdc.Contracts.Errors;

/// <summary>A numbered fault that a person can look up: <c>CDC-</c> and four digits.</summary>
/// <param name="Number">
/// 1000–1999 configuration, 2000–2999 source, 3000–3999 log, 4000–4999 records and registry, 5000–5999 target, 9000–9999 internal.
/// </param>
/// <param name="Kind">What sort of fault it is; decides what follows.</param>
/// <param name="Title">A few words for lists.</param>
/// <param name="Remedy">What to do about it, one or two sentences.</param>
public sealed record ErrorCode(int Number, ErrorKind Kind, string Title, string Remedy)
{
    public override string ToString() => FormattableString.Invariant($"CDC-{Number:0000}");
}

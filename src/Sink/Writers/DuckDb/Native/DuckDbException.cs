using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>
/// DuckDB refused something. Its text is kept only for faults whose texts speak of names, files and memory; the others quote values of
/// rows (Invariant 8).
/// </summary>
internal sealed class DuckDbException(DuckDBErrorType fault, string message) : Exception(message)
{
    public DuckDBErrorType Fault { get; } = fault;

    /// <param name="fault">Its kind.</param>
    /// <param name="text">DuckDB's text; null for none.</param>
    public static DuckDbException Create(DuckDBErrorType fault, string? text) => new(fault, Safe(fault, text));

    /// <summary>What may be shown of a text: its first line, or only the fault's name.</summary>
    public static string Safe(DuckDBErrorType fault, string? text)
    {
        var quotesNoValues = fault is DuckDBErrorType.Transaction or DuckDBErrorType.NotImplemented or DuckDBErrorType.Catalog
            or DuckDBErrorType.Parser or DuckDBErrorType.Settings or DuckDBErrorType.Binder or DuckDBErrorType.Io
            or DuckDBErrorType.OutOfMemory or DuckDBErrorType.Permission or DuckDBErrorType.MissingExtension;
        if (!quotesNoValues || string.IsNullOrEmpty(text))
            return $"fault '{fault}', whose text is not shown because it may quote a row";
        var end = text.AsSpan().IndexOf('\n');
        return (end < 0 ? text : text[..end]).TrimEnd('.', ' ');
    }
}

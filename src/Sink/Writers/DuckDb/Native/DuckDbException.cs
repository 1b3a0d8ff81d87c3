using System.Runtime.InteropServices;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>
/// DuckDB refused something. Its text is kept only for faults whose texts speak of names, files and memory; the others quote values of
/// rows (Invariant 8).
/// </summary>
internal sealed class DuckDbException(DuckDbFault fault, string message) : Exception(message)
{
    public DuckDbFault Fault { get; } = fault;

    /// <param name="text">DuckDB's text as UTF-8 with a zero at its end; 0 for none. It stays DuckDB's.</param>
    public static DuckDbException Create(DuckDbFault fault, nint text) => new(fault, Safe(fault, Marshal.PtrToStringUTF8(text)));

    /// <summary>What may be shown of a text: its first line, or only the fault's name.</summary>
    public static string Safe(DuckDbFault fault, string? text)
    {
        var quotesNoValues = fault is DuckDbFault.Transaction or DuckDbFault.NotImplemented or DuckDbFault.Catalog or DuckDbFault.Parser
            or DuckDbFault.Settings or DuckDbFault.Binder or DuckDbFault.InputOutput or DuckDbFault.OutOfMemory or DuckDbFault.Permission
            or DuckDbFault.MissingExtension;
        if (!quotesNoValues || string.IsNullOrEmpty(text))
            return $"fault '{fault}', whose text is not shown because it may quote a row";
        var end = text.AsSpan().IndexOf('\n');
        return (end < 0 ? text : text[..end]).TrimEnd('.', ' ');
    }
}

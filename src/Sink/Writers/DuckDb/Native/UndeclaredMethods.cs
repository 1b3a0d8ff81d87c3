using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>
/// The functions of DuckDB's C API (<c>duckdb.h</c> of DuckDB 1.5; all in the API's stable part) that DuckDB.NET does not declare.
/// <see cref="DuckDbLibrary.Require"/> comes before the first of them.
/// </summary>
internal static unsafe partial class UndeclaredMethods
{
    public const string Library = "duckdb";

    [LibraryImport(Library, EntryPoint = "duckdb_appender_add_column", StringMarshalling = StringMarshalling.Utf8)]
    public static partial DuckDBState AddAppenderColumn(DuckDBAppender appender, string name);

    /// <summary>Text of a given length: a zero in it does not end it.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_bind_varchar_length")]
    public static partial DuckDBState BindText(DuckDBPreparedStatement statement, ulong number, byte* text, ulong length);

    [LibraryImport(Library, EntryPoint = "duckdb_prepared_statement_column_count")]
    public static partial ulong StatementColumns(DuckDBPreparedStatement statement);

    [LibraryImport(Library, EntryPoint = "duckdb_prepared_statement_column_name")]
    [return: MarshalUsing(typeof(DuckDBCallerOwnedStringMarshaller))]
    public static partial string? StatementColumnName(DuckDBPreparedStatement statement, ulong column);

    [LibraryImport(Library, EntryPoint = "duckdb_logical_type_get_alias")]
    [return: MarshalUsing(typeof(DuckDBCallerOwnedStringMarshaller))]
    public static partial string? TypeAlias(DuckDBLogicalType type);
}

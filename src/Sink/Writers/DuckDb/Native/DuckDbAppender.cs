using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>
/// Appends rows to a table, a chunk of up to <see cref="ChunkRows"/> at a time, inside the connection's transaction. What is not closed
/// with <see cref="Close"/> is not written.
/// </summary>
internal sealed class DuckDbAppender : IDisposable
{
    private readonly DuckDBAppender appender;
    private readonly DuckDBDataChunk chunk;

    private DuckDbAppender(DuckDBAppender appender, DuckDBDataChunk chunk)
    {
        this.appender = appender;
        this.chunk = chunk;
    }

    public static int ChunkRows { get; } = (int)NativeMethods.Helpers.DuckDBVectorSize();

    /// <summary>
    /// Opens an appender for some of a table's columns; the others get their defaults. The chunk's columns are of the table's own types,
    /// so nothing is converted on the way: <paramref name="verify"/> is told each type's text and refuses what the values do not fit.
    /// </summary>
    public static DuckDbAppender Open(
        DuckDbConnection connection, QualifiedName table, ReadOnlySpan<string> columns, Action<int, string> verify)
    {
        var state = NativeMethods.Appender.DuckDBAppenderCreateExt(
            connection.Handle, table.Catalog, table.Schema, table.Name, out var appender);
        try
        {
            Check(state, appender);
            foreach (var column in columns)
                Check(UndeclaredMethods.AddAppenderColumn(appender, column), appender);
            return new DuckDbAppender(appender, CreateChunk(appender, columns.Length, verify));
        }
        catch
        {
            appender.Dispose();
            throw;
        }
    }

    /// <summary>A column's vector of the chunk that is being filled.</summary>
    public nint Vector(int column) => NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, column);

    /// <summary>Appends the chunk's first rows and empties it; what the vectors refer to is copied.</summary>
    public void Append(int rows)
    {
        NativeMethods.DataChunks.DuckDBDataChunkSetSize(chunk, (ulong)rows);
        Check(NativeMethods.Appender.DuckDBAppendDataChunk(appender, chunk), appender);
        NativeMethods.DataChunks.DuckDBDataChunkReset(chunk);
    }

    /// <summary>Writes what was appended.</summary>
    public void Close() => Check(NativeMethods.Appender.DuckDBAppenderClose(appender), appender);

    public void Dispose()
    {
        chunk.Dispose();
        // An appender that is given back would write what it still has.
        _ = NativeMethods.Appender.DuckDBAppenderClear(appender);
        appender.Dispose();
    }

    private static DuckDBDataChunk CreateChunk(DuckDBAppender appender, int columns, Action<int, string> verify)
    {
        var types = new DuckDBLogicalType[columns];
        var pointers = new nint[columns];
        try
        {
            for (var i = 0; i < columns; i++)
            {
                types[i] = NativeMethods.Appender.DuckDBAppenderColumnType(appender, (ulong)i);
                verify(i, DuckDbTypeText.Of(types[i]));
                pointers[i] = types[i].DangerousGetHandle();
            }

            return NativeMethods.DataChunks.DuckDBCreateDataChunk(pointers, (ulong)columns);
        }
        finally
        {
            foreach (var type in types)
                type?.Dispose();
        }
    }

    private static void Check(DuckDBState state, DuckDBAppender appender)
    {
        if (state == DuckDBState.Success)
            return;
        using var error = NativeMethods.Appender.DuckDBAppenderErrorData(appender);
        throw DuckDbException.Create(
            NativeMethods.ErrorData.DuckDBErrorDataErrorType(error), NativeMethods.ErrorData.DuckDBErrorDataMessage(error));
    }
}

/// <summary>A table of one of the attached databases, unquoted.</summary>
internal readonly record struct QualifiedName(string Catalog, string Schema, string Name);

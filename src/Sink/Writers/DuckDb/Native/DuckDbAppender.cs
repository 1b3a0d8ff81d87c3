namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>
/// Appends rows to a table, a chunk of up to <see cref="ChunkRows"/> at a time, inside the connection's transaction. What is not closed
/// with <see cref="Close"/> is not written.
/// </summary>
internal sealed unsafe class DuckDbAppender : IDisposable
{
    private readonly AppenderHandle appender;
    private readonly ChunkHandle chunk;

    private DuckDbAppender(AppenderHandle appender, ChunkHandle chunk)
    {
        this.appender = appender;
        this.chunk = chunk;
    }

    public static int ChunkRows { get; } = (int)NativeMethods.VectorSize();

    /// <summary>
    /// Opens an appender for some of a table's columns; the others get their defaults. The chunk's columns are of the table's own types,
    /// so nothing is converted on the way: <paramref name="verify"/> is told each type's text and refuses what the values do not fit.
    /// </summary>
    public static DuckDbAppender Open(
        DuckDbConnection connection, QualifiedName table, ReadOnlySpan<string> columns, Action<int, string> verify)
    {
        var state = NativeMethods.CreateAppender(connection.Handle, table.Catalog, table.Schema, table.Name, out var appender);
        try
        {
            Check(state, appender);
            foreach (var column in columns)
                Check(NativeMethods.AddAppenderColumn(appender, column), appender);
            return new DuckDbAppender(appender, CreateChunk(appender, columns.Length, verify));
        }
        catch
        {
            appender.Dispose();
            throw;
        }
    }

    /// <summary>A column's vector of the chunk that is being filled.</summary>
    public nint Vector(int column) => NativeMethods.ChunkVector(chunk, (ulong)column);

    /// <summary>Appends the chunk's first rows and empties it; what the vectors refer to is copied.</summary>
    public void Append(int rows)
    {
        NativeMethods.SetChunkSize(chunk, (ulong)rows);
        Check(NativeMethods.AppendChunk(appender, chunk), appender);
        NativeMethods.ResetChunk(chunk);
    }

    /// <summary>Writes what was appended.</summary>
    public void Close() => Check(NativeMethods.CloseAppender(appender), appender);

    public void Dispose()
    {
        chunk.Dispose();
        appender.Dispose();
    }

    private static ChunkHandle CreateChunk(AppenderHandle appender, int columns, Action<int, string> verify)
    {
        var types = new LogicalTypeHandle[columns];
        var pointers = stackalloc nint[columns];
        try
        {
            for (var i = 0; i < columns; i++)
            {
                types[i] = NativeMethods.AppenderColumnType(appender, (ulong)i);
                verify(i, DuckDbTypeText.Of(types[i]));
                pointers[i] = types[i].DangerousGetHandle();
            }

            return NativeMethods.CreateChunk(pointers, (ulong)columns);
        }
        finally
        {
            foreach (var type in types)
                type?.Dispose();
        }
    }

    private static void Check(int state, AppenderHandle appender)
    {
        if (state == 0)
            return;
        using var error = NativeMethods.AppenderError(appender);
        throw DuckDbException.Create(NativeMethods.ErrorFault(error), NativeMethods.ErrorMessage(error));
    }
}

/// <summary>A table of one of the attached databases, unquoted.</summary>
internal readonly record struct QualifiedName(string Catalog, string Schema, string Name);

using System.Text;
using DuckDB.NET.Native;

namespace Cdc.Sink.Writers.DuckDb.Native;

/// <summary>A value of a statement's parameter: text, a number or null.</summary>
internal readonly record struct Parameter(string? Text, long? Number)
{
    public static implicit operator Parameter(string? text) => new(text, null);

    public static implicit operator Parameter(long number) => new(null, number);
}

/// <summary>One database in memory, to which files are attached, and one connection to it. Not safe for several threads.</summary>
internal sealed unsafe class DuckDbConnection : IDisposable
{
    private readonly DuckDBDatabase database;

    private DuckDbConnection(DuckDBDatabase database, DuckDBNativeConnection handle)
    {
        this.database = database;
        Handle = handle;
    }

    public DuckDBNativeConnection Handle { get; }

    /// <param name="settings">DuckDB's configuration, by name.</param>
    public static DuckDbConnection OpenInMemory(IEnumerable<KeyValuePair<string, string>> settings)
    {
        DuckDbLibrary.Require();
        Check(NativeMethods.Configuration.DuckDBCreateConfig(out var config), "its configuration could not be made");
        using (config)
        {
            foreach (var (name, value) in settings)
                Check(NativeMethods.Configuration.DuckDBSetConfig(config, name, value), $"it refuses the setting '{name}'");
            if (NativeMethods.Startup.DuckDBOpen(null, out var database, config, out var error) != DuckDBState.Success)
                throw DuckDbException.Create(DuckDBErrorType.Io, error);
            if (NativeMethods.Startup.DuckDBConnect(database, out var connection) == DuckDBState.Success)
                return new DuckDbConnection(database, connection);
            database.Dispose();
            throw new DuckDbException(DuckDBErrorType.Invalid, "a connection could not be made");
        }
    }

    /// <summary>Runs statements, separated by semicolons.</summary>
    public void Execute(string sql)
    {
        var state = NativeMethods.Query.DuckDBQuery(Handle, sql, out var result);
        Close(state, ref result);
    }

    /// <summary>Runs one statement with its parameters; answers with the number of rows it changed.</summary>
    public long Execute(string sql, params ReadOnlySpan<Parameter> parameters)
    {
        var result = Run(sql, parameters);
        var changed = NativeMethods.Query.DuckDBRowsChanged(ref result);
        Close(DuckDBState.Success, ref result);
        return changed;
    }

    public DuckDbRows Query(string sql, params ReadOnlySpan<Parameter> parameters) => new(Run(sql, parameters));

    /// <summary>The names of a query's columns, without running it.</summary>
    public string[] ColumnNames(string sql)
    {
        using var statement = Prepare(sql);
        var names = new string[UndeclaredMethods.StatementColumns(statement)];
        for (var i = 0; i < names.Length; i++)
            names[i] = UndeclaredMethods.StatementColumnName(statement, (ulong)i) ?? "";
        return names;
    }

    /// <summary>Until disposed: a cancelled token interrupts what runs.</summary>
    public CancellationTokenRegistration InterruptOn(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static handle => NativeMethods.Startup.DuckDBInterrupt((DuckDBNativeConnection)handle!), Handle);

    public void Dispose()
    {
        Handle.Dispose();
        database.Dispose();
    }

    private DuckDBResult Run(string sql, ReadOnlySpan<Parameter> parameters)
    {
        using var statement = Prepare(sql);
        for (var i = 0; i < parameters.Length; i++)
            Check(Bind(statement, i + 1, parameters[i]), "it refuses a parameter");
        var state = NativeMethods.PreparedStatements.DuckDBExecutePrepared(statement, out var result);
        if (state != DuckDBState.Success)
            Close(state, ref result);
        return result;
    }

    private DuckDBPreparedStatement Prepare(string sql)
    {
        if (NativeMethods.PreparedStatements.DuckDBPrepare(Handle, sql, out var statement) == DuckDBState.Success)
            return statement;
        using (statement)
            throw DuckDbException.Create(DuckDBErrorType.Binder, NativeMethods.PreparedStatements.DuckDBPrepareError(statement));
    }

    private static DuckDBState Bind(DuckDBPreparedStatement statement, int number, Parameter value)
    {
        if (value.Number is { } integer)
            return NativeMethods.PreparedStatements.DuckDBBindInt64(statement, number, integer);
        if (value.Text is null)
            return NativeMethods.PreparedStatements.DuckDBBindNull(statement, number);
        var utf8 = Encoding.UTF8.GetBytes(value.Text);
        fixed (byte* text = utf8)
            return UndeclaredMethods.BindText(statement, (ulong)number, text, (ulong)utf8.Length);
    }

    /// <summary>Gives a result back, and throws what it says of a statement that failed.</summary>
    private static void Close(DuckDBState state, ref DuckDBResult result)
    {
        try
        {
            if (state != DuckDBState.Success)
            {
                throw DuckDbException.Create(
                    NativeMethods.Query.DuckDBResultErrorType(ref result), NativeMethods.Query.DuckDBResultError(ref result));
            }
        }
        finally
        {
            result.Close();
        }
    }

    private static void Check(DuckDBState state, string what)
    {
        if (state != DuckDBState.Success)
            throw new DuckDbException(DuckDBErrorType.Invalid, what);
    }
}
